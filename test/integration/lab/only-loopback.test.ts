/** The lab's own process, watched by the kernel while people ask it to go elsewhere: no address but loopback ever meets a system call. */
import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as tcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import { processPort } from '../../../electron/host/child.ts'
import { connect } from '../../../shared/contract/port.ts'
import { labControl } from '../../../shared/protocol/processes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { spellings } from '../../support/lab-fuzz/loopback.ts'
import { bundleEntry } from '../../support/relay-process.ts'
import { skipLoudly } from '../../support/skip.ts'
import { echoServer } from './rig.ts'

const SERVICE = { address: '240.149.167.50', port: 443 }

async function watchedLab(folder: string) {
  const log = join(folder, 'calls')
  const child: ChildProcess = fork(await bundleEntry('lab/process.ts'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
    execPath: 'strace',
    execArgv: ['-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,bind', '-o', log, process.execPath],
  })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  })
  return { control: connect(labControl, processPort(child)), calls: () => readFileSync(log, 'latin1') }
}

test('the lab’s process makes no system call with an address outside loopback, whatever it is asked', { timeout: 120_000 }, async () => {
  if (spawnSync('strace', ['-e', 'trace=none', 'true']).status !== 0) skipLoudly('strace is not here or not permitted', 'strace')
  const folder = mkdtempSync(join(tmpdir(), 'throughline-lab-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { control, calls } = await watchedLab(folder)
  const start = { host: '127.0.0.1', port: 0, seed: 1, maps: [], scenarioFile: null, dataDir: folder }
  for (const host of ['8.8.8.8', '::ffff:8.8.8.8', '134744072', 'localhost']) {
    await expect(control.call('lab.start', { ...start, maps: [{ ...SERVICE, host, toPort: 443 }] }), host).rejects.toMatchObject({
      code: 'bad-input',
    })
    await expect(control.call('lab.start', { ...start, host }), host).rejects.toMatchObject({ code: 'bad-input' })
  }
  const { lab } = await control.call('lab.start', start)
  const { port } = await echoServer()
  await control.call('lab.service', { host: '127.0.0.1', port })
  await control.call('lab.play', { scenario: 'active-probing', client: 'alice' })

  const gateway = Number(new URL(`tcp://${lab}`).port)
  const network = labNetwork({ connect: async () => tcp(gateway, '127.0.0.1'), client: 'alice', vantage: null, clock: systemClock })
  onTestFinished(() => network.close())
  if (!network.facts().up) await new Promise<void>((resolve) => network.onChange(({ up }) => up && resolve()))
  const real = await network.connect(SERVICE, AbortSignal.timeout(15_000))
  real.on('error', () => {}).write('hello')
  await once(real, 'data')
  const signal = AbortSignal.timeout(3000)
  const tried = spellings
    .filter((address) => /^[0-9a-f.:]+$/.test(address) && address.includes('.') === !address.includes(':'))
    .map(async (address) => {
      for await (const _ of network.exchange({ address, port: 53 }, Uint8Array.of(1, 2, 3), signal)) break
    })
  await Promise.allSettled([
    ...tried,
    network.connect({ address: '8.8.8.8', port: 443 }, signal),
    network.connect({ address: '::ffff:8.8.8.8', port: 80 }, signal),
  ])

  const addresses = [...calls().matchAll(/sin6?_(?:addr=inet_addr\("([^"]+)"|port=\S+, .*?inet_pton\(AF_INET6, "([^"]+)")/g)].map(
    ([, four, six]) => four ?? six,
  )
  expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']))
  expect(calls()).toContain(`sin_port=htons(${port})`)
})
