/** Asks for the address of a name beside a race: by this network's resolver at once, over HTTPS a little later. Informs, never gates. */
import ipaddr from 'ipaddr.js'
import type { Plane } from '../../../shared/contract/path.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { type Clock, sleep } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { DnsObservation, Observation } from '../diagnose/observation.ts'
import { within } from '../net/deadline.ts'
import { tcp } from '../net/dialer.ts'
import { join, queryDoh } from '../net/dns/doh.ts'
import { queryUdp } from '../net/dns/udp.ts'
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
  /** Where lookups over HTTPS begin, ms: twice the race's step. */
  readonly dohAtMs: number
  readonly observe: (observation: Observation) => void
  readonly onLearned: (learned: readonly LearnedAddress[]) => void
  readonly signal: AbortSignal
}

const DOH_MS = 5_000
/** Two at a little distance, a third only if neither has answered by then. */
const DOH_AFTER = [0, 150, 400] as const

/** Resolves when all has been answered or given up. Never rejects. */
export async function lookUp(options: LookupOptions): Promise<void> {
  const { network, bundle } = options
  const types: readonly DnsType[] = network.facts().v6 ? ['A', 'AAAA'] : ['A']
  let answered = false
  const doh = bundle.doh.slice(0, DOH_AFTER.length).map(async (server, index) => {
    await sleep(options.clock, options.dohAtMs + (DOH_AFTER[index] ?? 0), options.signal)
    if (index === 2 && answered) return
    const outcome = await observed(options, 'doh', server.id, () =>
      within(options.clock, DOH_MS, options.signal, (signal) =>
        queryDoh({ dial: tcp(network), server, roots: bundle.roots, name: options.name, types, signal }),
      ),
    )
    if (outcome.kind !== 'answer') return
    answered = true
    learn(options, 'doh', outcome.addresses)
  })
  await Promise.allSettled([askSystem(options, types), ...doh])
}

async function askSystem(options: LookupOptions, types: readonly DnsType[]): Promise<void> {
  const { network, clock, random, name, signal } = options
  const [resolver] = network.facts().resolvers
  if (!resolver) return
  const onFirst = (reply: DnsReply) => {
    if (reply.kind === 'answer') learn(options, 'system', reply.addresses)
  }
  const ask = (type: DnsType) => queryUdp({ network, clock, random, resolver, name, type, signal, onFirst })
  await observed(options, 'system', 'system', async () => join(await Promise.all(types.map(ask))))
}

async function observed(
  { clock, plane, name, observe, signal }: LookupOptions,
  resolver: DnsObservation['resolver'],
  resolverId: string,
  ask: () => Promise<DnsObservation['outcome']>,
): Promise<DnsObservation['outcome']> {
  const at = clock.now()
  const began = clock.monotonic()
  const outcome = await ask()
  if (!signal.aborted) {
    observe({ t: 'dns', at, ms: clock.monotonic() - began, plane, role: 'target', name, resolver, resolverId, outcome })
  }
  return outcome
}

function learn({ bundle, onLearned }: LookupOptions, source: 'system' | 'doh', addresses: readonly string[]): void {
  const usable = addresses.filter((address) => !isBogon(address, bundle.bogons))
  if (usable.length > 0) onLearned(usable.map((address) => ({ address, source })))
}

/** Addresses that cannot be anybody's server: of no host, of this computer, or in a range the bundle names. */
export function isBogon(text: string, ranges: readonly string[]): boolean {
  if (!ipaddr.isValid(text)) return true
  const address = ipaddr.parse(text)
  if (address.range() === 'unspecified' || address.range() === 'loopback') return true
  return ranges.some((range) => {
    if (!ipaddr.isValidCIDR(range)) return false
    const [network, bits] = ipaddr.parseCIDR(range)
    return network.kind() === address.kind() && address.match(network, bits)
  })
}
