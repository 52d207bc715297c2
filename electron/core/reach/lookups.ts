/**
 * Asks for the address of a name beside a race: this network's resolver at once, public ones over HTTPS a little later, one over TLS if
 * those stay silent. Informs, never gates: what is learned is added to the race, and nobody waits for it.
 */
import type { Plane } from '../../../shared/contract/path.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { type Clock, sleep } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { DnsObservation, Observation } from '../diagnose/observation.ts'
import { within } from '../net/deadline.ts'
import { tcp } from '../net/dialer.ts'
import { judgeAnswer, siblingOf } from '../net/dns/answer.ts'
import { dohResolver } from '../net/dns/doh.ts'
import { dotResolver } from '../net/dns/dot.ts'
import { plainResolver } from '../net/dns/plain.ts'
import type { Resolver } from '../net/dns/resolver.ts'
import type { DnsReply, DnsType } from '../net/dns/wire.ts'
import type { Network } from '../net/network.ts'
import type { LearnedAddress } from './candidates.ts'

export interface LookupOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly bundle: Bundle
  readonly plane: Plane
  readonly name: string
  /** Addresses of the name that have proved themselves: the bundle's, and what earlier lookups gave. */
  readonly known: readonly string[]
  /** Where lookups over HTTPS begin, ms: twice the race's step. */
  readonly dohAtMs: number
  readonly observe: (observation: Observation) => void
  readonly onLearned: (learned: readonly LearnedAddress[]) => void
  readonly signal: AbortSignal
}

type Outcome = DnsObservation['outcome']

const AUTHENTICATED_MS = 5_000
const SIBLING_MS = 500
/** Two at a little distance, a third only if neither has answered by then. */
const AFTER = [0, 150, 400] as const

/** Resolves when all has been answered or given up. Never rejects. */
export async function lookUp(options: LookupOptions): Promise<void> {
  const { network, clock, bundle, name, signal } = options
  const types: readonly DnsType[] = network.facts().v6 ? ['A', 'AAAA'] : ['A']
  let answered = false
  const elsewhere = authenticated(options).map(async (resolver, index) => {
    await sleep(clock, options.dohAtMs + (AFTER[index] ?? 0), signal)
    if (index === AFTER.length - 1 && answered) return
    const ask = () => within(clock, AUTHENTICATED_MS, signal, (limited) => resolver.lookUp({ name, types }, limited))
    const outcome = await observed(options, 'doh', resolver.id, ask)
    if (outcome.kind !== 'answer') return
    answered = true
    learn(options, 'doh', judgeAnswer({ outcome, trust: resolver.trust, bogons: bundle.bogons }).usable)
  })
  await Promise.allSettled([askSystem(options, types), ...elsewhere])
}

/** As many as are asked: two operators over HTTPS, and over TLS, by a port that other boxes watch, the third. */
function authenticated({ network, random, bundle }: LookupOptions): Resolver[] {
  const { roots } = bundle
  const doh = bundle.doh.map((server) => dohResolver({ id: server.id, dial: tcp(network), server, roots }))
  const dot = (bundle.dot ?? []).map((server) => dotResolver({ id: server.id, network, random, server, host: server.host, roots }))
  return [...doh.slice(0, AFTER.length - 1), ...dot, ...doh.slice(AFTER.length - 1)].slice(0, AFTER.length)
}

async function askSystem(options: LookupOptions, types: readonly DnsType[]): Promise<void> {
  const { network, clock, random, bundle, name, signal, known } = options
  const [at] = network.facts().resolvers
  if (!at) return
  const resolver = plainResolver({ id: 'system', network, clock, random, resolver: at })
  const proven = new Set(known)
  const judged = (outcome: Outcome, sibling: Outcome | null) =>
    judgeAnswer({ outcome, trust: resolver.trust, bogons: bundle.bogons, proven, ...(sibling && { sibling }) }).usable
  let sibling: Promise<Outcome | null> | null = null
  const outcome = await observed(options, 'system', 'system', () =>
    resolver.lookUp({ name, types }, signal, (first) => {
      if (first.kind !== 'answer') return
      // Where an address is known to be right, nobody makes names up; else one more question tells, long before the answer is tried.
      sibling ??= first.addresses.some((address) => proven.has(address)) ? Promise.resolve(null) : askSibling(options, resolver)
      void sibling.then((said) => learn(options, 'system', judged({ ...first, late: [] }, said)))
    }),
  )
  // The second answer is mostly the true one: it had farther to come.
  learn(options, 'system', judged(outcome, await sibling))
}

/** The first answer for a name that nobody has, if one comes soon. Never rejects. */
function askSibling({ name, random, clock, signal }: LookupOptions, resolver: Resolver): Promise<Outcome | null> {
  return new Promise((resolve) => {
    const onFirst = (reply: DnsReply) => resolve(reply.kind === 'answer' ? { ...reply, late: [] } : reply)
    within(clock, SIBLING_MS, signal, (limited) => resolver.lookUp({ name: siblingOf(name, random), types: ['A'] }, limited, onFirst)).then(
      () => resolve(null),
      () => resolve(null),
    )
  })
}

async function observed(
  { clock, plane, name, observe, signal }: LookupOptions,
  resolver: DnsObservation['resolver'],
  resolverId: string,
  ask: () => Promise<Outcome>,
): Promise<Outcome> {
  const at = clock.now()
  const began = clock.monotonic()
  const outcome = await ask()
  if (!signal.aborted) {
    observe({ t: 'dns', at, ms: clock.monotonic() - began, plane, role: 'target', name, resolver, resolverId, outcome })
  }
  return outcome
}

function learn({ onLearned }: LookupOptions, source: LearnedAddress['source'], addresses: readonly string[]): void {
  if (addresses.length > 0) onLearned(addresses.map((address) => ({ address, source })))
}
