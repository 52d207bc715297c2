/** The lab as a shell uses it: a child process with a control pipe, and its handlers. */
import { fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loopbackCarrier } from '../../../lab/carrier.ts'
import { labHandlers } from '../../../lab/control.ts'
import russia from '../../../lab/scenarios/russia-2018-day-one.json' with { type: 'json' }
import { memoryPortPair } from '../../../shared/contract/memory-port.ts'
import { type Client, connect, type Port, serve } from '../../../shared/contract/port.ts'
import { labControl } from '../../../shared/protocol/processes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'

async function dataDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lab-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

function controlled(): Client<typeof labControl> {
  const [near, far] = memoryPortPair()
  const control = labHandlers({
    clock: systemClock,
    random: seededRandom,
    carrier: loopbackCarrier,
    signatures: 'ecdsa',
    emit: (name, payload) => served.emit(name, payload),
  })
  const bugs: unknown[] = []
  const served = serve(labControl, far, control.handlers, (_name, error) => bugs.push(error))
  onTestFinished(async () => {
    await control.close()
    expect(bugs).toEqual([])
  })
  return connect(labControl, near)
}

const start = async (
  more: { maps?: { address: string; port: number; host: string; toPort: number }[]; scenarioFile?: string; host?: string } = {},
) => ({
  host: '127.0.0.1',
  port: 0,
  seed: 1,
  maps: [],
  scenarioFile: null,
  dataDir: await dataDir(),
  ...more,
})

test('started as a process it answers, tells its state, and ends when its pipe closes', { timeout: 60_000 }, async () => {
  const child = fork(join(import.meta.dirname, '../../../lab/process.ts'), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  onTestFinished(() => void child.kill())
  const port: Port = {
    send: (frame) => void child.send(frame),
    onFrame: (listener) => void child.on('message', listener),
    onClose: (listener) => void child.once('disconnect', listener),
    close: () => child.disconnect(),
  }
  const lab = connect(labControl, port)
  const { lab: address, offer, certificate } = await lab.call('lab.start', await start())
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(offer.endpoints[0]).toMatchObject({ plane: 'chat', host: 'chat.throughline.test' })
  expect(certificate.cert).toContain('BEGIN CERTIFICATE')
  const told = new Promise<string | undefined>((resolve) => lab.on('state.changed', (state) => resolve(state.running?.scenario)))
  await lab.call('lab.play', { scenario: 'france-2023', client: 'alice' })
  expect(await told).toBe('france-2023')
  expect((await lab.call('lab.state', {})).clients).toEqual([{ name: 'alice', vantage: 'fr-a', online: false }])
  child.disconnect()
  expect(await ended).toBe(0)
})

test('every frame of the state fits its schema, at rest and in a run', async () => {
  const lab = controlled()
  await expect(lab.call('lab.state', {})).rejects.toMatchObject({ code: 'absent' })
  await lab.call('lab.start', await start())
  const rest = await lab.call('lab.state', {})
  expect(rest.running).toBeNull()
  expect(rest.scenarios.map((card) => card.id).slice(0, 2)).toEqual(['france-2023', 'russia-2018-day-one'])
  expect(rest.collateral.every((neighbour) => neighbour.up)).toBe(true)
  await lab.call('lab.play', { scenario: 'russia-2018-day-one', client: 'alice' })
  const state = await lab.call('lab.state', {})
  const ids = new Set(state.nodes.map((node) => node.id))
  for (const { from, to } of state.edges) expect([ids.has(from), ids.has(to)], `${from} ${to}`).toEqual([true, true])
  for (const node of state.nodes) if (node.parent !== undefined) expect(ids.has(node.parent), node.id).toBe(true)
  expect(await lab.call('lab.expectations', { scenario: 'russia-2018-day-one' })).toMatchObject({
    vantage: 'ru-moscow-a',
    elsewhere: 'nl-a',
  })
})

test('what is wrong with a call comes back as a code and a sentence', async () => {
  const outside = controlled()
  await expect(outside.call('lab.start', await start({ host: '0.0.0.0' }))).rejects.toMatchObject({ code: 'bad-input' })
  const map = { address: '240.1.2.3', port: 443, host: '192.0.2.1', toPort: 80 }
  await expect(outside.call('lab.start', await start({ maps: [map] }))).rejects.toMatchObject({ code: 'bad-input' })
  const real = { address: '192.0.2.1', port: 443, host: '127.0.0.1', toPort: 80 }
  await expect(outside.call('lab.start', await start({ maps: [real] }))).rejects.toMatchObject({ code: 'bad-input' })

  const lab = controlled()
  await lab.call('lab.start', await start())
  await expect(lab.call('lab.play', { scenario: 'atlantis', client: 'alice' })).rejects.toMatchObject({ code: 'no-such-scenario' })
  await expect(lab.call('lab.place', { client: 'alice', vantage: 'atlantis' })).rejects.toMatchObject({ code: 'bad-input' })
  await expect(lab.call('lab.censor', { move: 'ip_drop', vantage: 'atlantis' })).rejects.toMatchObject({ code: 'bad-input' })
  await expect(lab.call('lab.service', { host: '192.0.2.1', port: 443 })).rejects.toMatchObject({ code: 'bad-input' })
  await expect(lab.call('lab.tamper', { removeRules: false, swap: { from: 'lie', to: 'magic' } })).rejects.toMatchObject({
    code: 'bad-input',
  })
})

test('a scenario of the user’s own is played beside the built-in ones, and a faulty one is refused with its place', async () => {
  const dir = await dataDir()
  const file = join(dir, 'own.json')
  const own = structuredClone(russia)
  own.card.id = 'my-own'
  own.world.hosts = own.world.hosts.map((host) => ({
    ...host,
    id: `my-${host.id}`,
    addresses: host.addresses.map((address) => `${address}1`),
  }))
  own.moves = own.moves.map((move) => ({ ...move, ...('raise' in move && { raise: ['my-service-cloud-a'] }) })) as typeof own.moves
  await writeFile(file, JSON.stringify(own))
  const lab = controlled()
  await lab.call('lab.start', await start({ scenarioFile: file }))
  await lab.call('lab.play', { scenario: 'my-own', client: 'alice' })
  expect((await lab.call('lab.state', {})).running?.scenario).toBe('my-own')

  const refused = async (change: (copy: typeof own) => void) => {
    const copy = structuredClone(own)
    change(copy)
    await writeFile(file, JSON.stringify(copy))
    const error: unknown = await controlled()
      .call('lab.start', await start({ scenarioFile: file }))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'bad-scenario' })
    return error instanceof Error ? error.message : ''
  }
  expect(await refused((copy) => Object.assign(copy.rules[0]?.match ?? {}, { ports: [70_000] }))).toMatch(
    /Line \d+, column \d+: "ports" must be a number from 1 to 65535\. \(rules\.0\.match\.ports\.0\)$/,
  )
  expect(await refused((copy) => Object.assign(copy.moves[4] ?? {}, { start: ['nothing'] }))).toContain('no rule "nothing"')
  expect(await refused((copy) => Object.assign(copy.moves[4] ?? {}, { atMs: 1 }))).toContain('moves.4.atMs')
  expect(await refused((copy) => Object.assign(copy.world.hosts[0] ?? {}, { addresses: ['192.0.2.1'] }))).toContain('240.0.0.0/4')
  expect(await refused((copy) => Object.assign(copy.card, { id: 'france-2023' }))).toContain('built-in')
})

test('a mapped virtual address leads to the real local server', async () => {
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const bound = server.address()
  const toPort = typeof bound === 'object' && bound ? bound.port : 0
  const lab = controlled()
  const answer = await lab.call('lab.start', await start({ maps: [{ address: '240.200.1.1', port: 8080, host: '127.0.0.1', toPort }] }))
  expect(answer.lab).toMatch(/:\d+$/)
})
