/** Looking names up: by the resolvers this computer was told to use, and over HTTPS past everybody on the way. */
import ipaddr from 'ipaddr.js'
import type { Clock } from '../../../../shared/util/clock.ts'
import { sleep } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { type Dialer, tcp } from '../../net/dialer.ts'
import { join, queryDoh } from '../../net/dns/doh.ts'
import { type DnsOutcome, queryUdp } from '../../net/dns/udp.ts'
import type { Network, SocketAddress } from '../../net/network.ts'
import type { Lookup } from '../senses.ts'
import type { Bounded } from './bounded.ts'

export interface NameSenses {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly bundle: () => {
    readonly doh: readonly (SocketAddress & { id: string; host: string; path: string })[]
    readonly roots: readonly string[]
  }
  readonly bounded: Bounded
}

const DOH_MS = 3000
/** Public resolvers are asked one behind the other by this much, and the first answer counts. */
const DOH_STAGGER_MS = 150

export async function lookupAt(
  deps: NameSenses,
  resolver: SocketAddress,
  resolverId: string,
  name: string,
  signal: AbortSignal,
): Promise<Lookup> {
  const { network, clock, random } = deps
  const types = network.facts().v6 ? (['A', 'AAAA'] as const) : (['A'] as const)
  const near = isNear(network, resolver.address)
  try {
    const outcomes = await Promise.all(types.map((type) => queryUdp({ network, clock, random, resolver, name, type, signal })))
    return { resolverId, near, outcome: join(outcomes) }
  } catch {
    return { resolverId, near, outcome: { kind: 'failed', reason: 'cancelled' } }
  }
}

/** At the gateway itself, or at an address that no other network could lead to. */
function isNear(network: Network, address: string): boolean {
  if (address === network.facts().gateway) return true
  return ipaddr.isValid(address) && ['private', 'loopback', 'linkLocal', 'uniqueLocal'].includes(ipaddr.process(address).range())
}

export async function lookupOverHttps(
  { network, clock, bundle, bounded }: NameSenses,
  name: string,
  signal: AbortSignal,
): Promise<Lookup | null> {
  const { doh, roots } = bundle()
  const dial: Dialer = tcp(network)
  if (doh.length === 0) return null
  return firstAnswer(
    doh.map(
      (server, i) => () =>
        bounded<DnsOutcome>(
          DOH_MS + i * DOH_STAGGER_MS,
          signal,
          async (within) => {
            await sleep(clock, i * DOH_STAGGER_MS, within)
            return queryDoh({ dial, server, roots, name, types: ['A'], signal: within })
          },
          () => ({ kind: 'timeout' }),
        ).then((outcome) => ({ resolverId: server.id, outcome })),
    ),
  )
}

/** The first that is an answer or an authenticated "no such name"; else whatever came last. */
async function firstAnswer(asks: readonly (() => Promise<Lookup>)[]): Promise<Lookup> {
  const decided = ({ outcome }: Lookup) => outcome.kind === 'answer' || outcome.kind === 'nxdomain'
  const running = asks.map((ask) => ask())
  try {
    return await Promise.any(
      running.map(async (ask) => {
        const result = await ask
        if (!decided(result)) throw new Error('undecided')
        return result
      }),
    )
  } catch {
    const [last] = (await Promise.all(running)).slice(-1)
    if (!last) throw new Error('asked nobody')
    return last
  }
}
