/** What the client sees of one network: its own measurements and nothing else, and what it makes of them. The same in both worlds. */
import { finished } from 'node:stream/promises'
import { createDiagnosis } from '../../electron/core/diagnose/index.ts'
import { networkSenses } from '../../electron/core/diagnose/network-senses.ts'
import type { Observation } from '../../electron/core/diagnose/observation.ts'
import { deadline } from '../../electron/core/net/deadline.ts'
import type { Network, SocketAddress } from '../../electron/core/net/network.ts'
import { systemRandom } from '../../electron/core/system-random.ts'
import type { Bundle } from '../../shared/protocol/bundle.ts'
import { type Clock, sleep } from '../../shared/util/clock.ts'

export interface Sight {
  /** Each thing looked at, with what came out last, as one line; without times and counts, sorted. */
  readonly kinds: readonly string[]
  /** What is said of each plane: the kind, and the mechanisms named. */
  readonly verdicts: Readonly<Record<string, string>>
  /** Of a download from the bulk service, kbit/s. */
  readonly kbps: number
}

const BULK_MS = 3000
const LOOKING_MS = 7000
const PAUSE_MS = 500
const never = new AbortController().signal

export async function look(network: Network, clock: Clock, offered: Bundle, bulk: SocketAddress): Promise<Sight> {
  // Nobody elsewhere is asked: only one of the two worlds has somebody there.
  const bundle = { ...offered, proxies: [] }
  const senses = networkSenses({ network, clock, random: systemRandom, bundle: () => bundle })
  const diagnosis = createDiagnosis({
    network,
    senses,
    clock,
    random: systemRandom,
    bundle: () => bundle,
    relayAlive: () => false,
    clockSkewMs: () => 0,
    planeCheckMs: 600_000,
  })
  try {
    // Repetition makes a finding, and so does quiet: right after a network came up, silence means little.
    const began = clock.monotonic()
    while (clock.monotonic() - began < LOOKING_MS) {
      await diagnosis.probe()
      await sleep(clock, PAUSE_MS, never)
    }
    const { observations } = diagnosis.evidence()
    return {
      // The newest of each: a machine that is busy elsewhere may let a first try pass.
      kinds: [...new Map(observations.flatMap(kindOf))].map(([what, outcome]) => `${what}: ${outcome}`).sort(),
      verdicts: Object.fromEntries(
        diagnosis.verdicts().map(({ plane, kind, mechanisms }) => [plane, [kind, ...mechanisms.toSorted()].join(' ')]),
      ),
      kbps: await download(network, clock, bulk),
    }
  } finally {
    diagnosis.close()
  }
}

function kindOf(o: Observation): [what: string, outcome: string][] {
  if (o.t !== 'dns' && o.t !== 'tcp' && o.t !== 'tls' && o.t !== 'hello') return []
  // A name that nobody has is another one in each world.
  if (o.t === 'dns' && o.madeUp) return []
  const who = o.t === 'dns' ? `${o.name} ${o.resolver}` : `${o.endpoint} ${o.address} ${o.source}`
  const named = o.t === 'tls' ? (o.sni === null ? ' without name' : ' by name') : ''
  return [[`${o.t} ${o.role} ${o.plane} ${who}${named}`, outcomeOf(o)]]
}

function outcomeOf(o: Extract<Observation, { t: 'dns' | 'tcp' | 'tls' | 'hello' }>): string {
  const { outcome } = o
  if (outcome.kind === 'answer') {
    const late = outcome.late.map((addresses) => `, later ${[...addresses].sort().join(' ')}`)
    return `answer ${[...outcome.addresses].sort().join(' ')}${late.join('')}`
  }
  if (outcome.kind === 'nxdomain') return `nxdomain ${outcome.soa ? 'with' : 'without'} SOA`
  return 'code' in outcome ? `${outcome.kind} ${outcome.code}` : outcome.kind
}

/** What arrives on one connection until its end or the time is up, as a rate; 0 when there is none. */
async function download(network: Network, clock: Clock, from: SocketAddress): Promise<number> {
  const limit = deadline(clock, BULK_MS, never)
  const { signal } = limit
  const began = clock.monotonic()
  let bytes = 0
  try {
    const stream = await network.connect(from, signal)
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    await finished(stream, { signal, writable: false }).catch(() => {})
    stream.destroy()
    return (bytes * 8) / (clock.monotonic() - began)
  } catch {
    return 0
  } finally {
    limit.clear()
  }
}
