/** One client, one seed, three carriers of the lab: its own process over real sockets, twice, and memory. The same rules must fire on the same flows. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as tcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { processPort } from '../../../electron/host/child.ts'
import type { RuleInput } from '../../../lab/censor/rule.ts'
import { createMemoryLab } from '../../../lab/memory.ts'
import { createPlayer } from '../../../lab/player/player.ts'
import { parseScenario } from '../../../lab/player/scenario.ts'
import { openAuthority } from '../../../lab/services/authority.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { connect } from '../../../shared/contract/port.ts'
import { labControl } from '../../../shared/protocol/processes.ts'
import { type Clock, systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { bundleEntry } from '../../support/relay-process.ts'
import { clientHello } from '../../unit/lab/hello.ts'
import { echoServer } from './rig.ts'

const SEED = 5
const HERE = 'same-here'
const targets = ['240.201.2.1', '240.201.2.2', '240.201.2.3'].map((address) => ({ address, port: 443 }))
const [refused = '', named = '', frozen = ''] = targets.map(({ address }) => `${address}/32`)

/** Shares, residual memory with a share of its own, and a threshold drawn for each flow. */
const rules: RuleInput[] = [
  { id: 'half', label: '', match: { to: [refused] }, act: { do: 'reset' }, share: 0.5 },
  { id: 'opaque', label: '', match: { to: [refused], payload: ['opaque'] }, act: { do: 'close' }, share: 0.6 },
  {
    id: 'named',
    label: '',
    match: { to: [named], sni: [{ how: 'contains', text: 't.co' }] },
    act: { do: 'reset' },
    share: 0.6,
    residualMs: 3_000_000,
    residualShare: 0.5,
  },
  { id: 'frozen', label: '', match: { to: [frozen] }, act: { do: 'freeze', afterBytes: 2000, upToBytes: 12_000 }, share: 0.8 },
]
const provider = (id: string, prefix: string, asn: number) => ({ id, title: id, kind: 'access', asn, country: 'NL', prefixes: [prefix] })
const card = { id: 'same-flows', title: '', place: '', dates: '', demand: '', answer: '', meant: '', hit: '', whoPaid: '', tryThis: '' }
const scenario = {
  format: 1,
  card: { ...card, claims: [], sources: [], standIns: [], vantage: HERE, seconds: 3600 },
  places: [HERE],
  elsewhere: HERE,
  lastsMs: 3_600_000,
  world: {
    providers: [provider(HERE, '240.201.1.0/24', 65_600), provider('same-there', '240.201.2.0/24', 65_601)],
    places: [
      {
        id: HERE,
        title: HERE,
        country: 'NL',
        provider: HERE,
        clients: '240.201.1.0/24',
        gateway: '240.201.1.1',
        resolvers: ['240.201.1.53'],
      },
    ],
    links: [{ from: HERE, to: 'same-there', rttMs: 4, jitterMs: 2 }],
  },
  rules,
  moves: [{ id: 'begin', atMs: 0, story: '2024-01-01', side: 'censor', text: '', start: rules.map(({ id }) => id) }],
  expected: [],
  checks: [],
}

const PIECE = 1000
const PIECES = 14
/** To each target. */
const FLOWS = 12
/** Long enough for a busy machine: only a flow that hears nothing waits for it. */
const PATIENCE_MS = 1000

/** What one flow meets: how its SYN fared, and how many pieces it had back before it was cut or heard nothing any more. */
async function fate(network: Network, clock: Clock, to: (typeof targets)[number], first: Uint8Array, more = PIECES): Promise<string> {
  const { signal } = new AbortController()
  const stream = await network.connect(to, signal).catch((error: NodeJS.ErrnoException) => error.code ?? 'error')
  if (typeof stream === 'string') return stream
  let got = 0
  let wake = (_: string) => {}
  stream.on('data', (bytes: Buffer) => {
    got += bytes.length
    wake('data')
  })
  stream.on('error', () => wake('reset'))
  stream.on('end', () => wake('end'))
  const pieces = [first, ...Array.from({ length: more }, () => Buffer.alloc(PIECE, 7))]
  let due = 0
  try {
    for (const [at, piece] of pieces.entries()) {
      due += piece.length
      stream.write(piece)
      while (got < due) {
        const timer = clock.after(PATIENCE_MS, () => wake('silence'))
        const what = await new Promise<string>((resolve) => {
          wake = resolve
        })
        timer.cancel()
        if (what !== 'data') return `${what} after ${at}`
      }
    }
    return 'all'
  } finally {
    stream.destroy()
  }
}

async function fates(network: Network, clock: Clock, noise: Network | null): Promise<string[]> {
  const [short, other] = [await clientHello('reddit.com.test'), await clientHello('weather.edge.test')]
  const opaque = seededRandom(3).bytes(300)
  // One after the other to each; what is between two does not hang on what goes elsewhere.
  const lane = async (to: (typeof targets)[number], firsts: readonly Uint8Array[]) => {
    const seen: string[] = []
    for (let i = 0; i < FLOWS; i++) {
      // Somebody else goes there meanwhile, more or less often.
      const beside = noise ? Array.from({ length: i % 3 }, () => fate(noise, clock, to, other, 0)) : []
      seen.push(`${to.address} ${i}: ${await fate(network, clock, to, firsts[i % firsts.length] ?? other)}`)
      await Promise.all(beside)
    }
    return seen
  }
  const firsts = [[opaque], [short, other], [other]]
  return (await Promise.all(targets.map((to, i) => lane(to, firsts[i] ?? [])))).flat()
}

async function overSockets(withNoise: boolean): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-same-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const scenarioFile = join(folder, 'scenario.json')
  writeFileSync(scenarioFile, JSON.stringify(scenario))
  const child: ChildProcess = fork(await bundleEntry('lab/process.ts'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: [],
  })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    if (child.connected) child.disconnect()
    await ended
  })
  const control = connect(labControl, processPort(child))
  const { port } = await echoServer()
  const maps = targets.map((target) => ({ ...target, host: '127.0.0.1', toPort: port }))
  const { lab } = await control.call('lab.start', { host: '127.0.0.1', port: 0, seed: SEED, maps, scenarioFile, dataDir: folder })
  const joinAs = async (client: string) => {
    const network = labNetwork({
      connect: async () => tcp(Number(new URL(`tcp://${lab}`).port), '127.0.0.1'),
      client,
      vantage: HERE,
      clock: systemClock,
    })
    onTestFinished(() => network.close())
    if (!network.facts().up) await new Promise<void>((resolve) => network.onChange(({ up }) => up && resolve()))
    return network
  }
  const alice = await joinAs('alice')
  const bob = withNoise ? await joinAs('bob') : null
  await control.call('lab.play', { scenario: card.id, client: 'alice' })
  await control.call('lab.step', {})
  return fates(alice, systemClock, bob)
}

async function inMemory(seed = SEED): Promise<string[]> {
  const clock = new VirtualClock(Date.now())
  const lab = await createMemoryLab({
    world: builtInWorld(),
    clock,
    random: seededRandom(seed),
    authority: await openAuthority(null, 'Lab authority', Date.now),
  })
  const parsed = parseScenario(scenario)
  await lab.add(card.id, parsed.world)
  for (const target of targets) {
    lab.engine.listen(target, () => {
      const [outer, inner] = lab.pair()
      inner.on('error', () => {})
      inner.pipe(inner)
      return outer
    })
  }
  const player = createPlayer(lab, [parsed], clock)
  const network = labNetwork({ connect: async () => lab.uplink(), client: 'alice', vantage: HERE, clock })
  onTestFinished(() => {
    network.close()
    player.close()
    lab.close()
  })
  await lab.settle()
  player.play(card.id, 'alice')
  await lab.run(10)
  let done = false
  const seen = fates(network, clock, null).finally(() => {
    done = true
  })
  while (!done) await lab.run(20)
  return seen
}

test('the same rules fire on the same flows: twice over real sockets, with and without others between, and in memory', {
  timeout: 120_000,
}, async () => {
  const memory = await inMemory()
  // Every kind of fate came up, and thresholds differ from flow to flow.
  for (const kind of ['ECONNREFUSED', 'reset after 0', 'end after 0', 'silence after', 'all']) expect(memory.join('\n')).toContain(kind)
  expect(new Set(memory.filter((each) => each.includes('silence'))).size).toBeGreaterThan(3)
  expect(await overSockets(false)).toEqual(memory)
  expect(await overSockets(true)).toEqual(memory)
  expect(await inMemory(SEED + 1)).not.toEqual(memory)
})
