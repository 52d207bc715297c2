/** Diagnosis's measurements over the one Network. Time limits are those of detection.md 5.4; nothing here throws. */
import type { Duplex } from 'node:stream'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { type Clock, sleep } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { deadline } from '../net/deadline.ts'
import { type Dialer, tcp } from '../net/dialer.ts'
import { join, queryDoh } from '../net/dns/doh.ts'
import { type DnsOutcome, queryUdp } from '../net/dns/udp.ts'
import { classify, type DialError } from '../net/errors.ts'
import type { Network } from '../net/network.ts'
import { encrypt } from '../net/tls.ts'
import type { TcpObservation, TlsObservation } from './observation.ts'
import type { Senses } from './senses.ts'

export interface NetworkSensesDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly bundle: () => Bundle
}

interface Lookup {
  readonly resolverId: string
  readonly outcome: DnsOutcome
}

/** One SYN is sent again after a second, so silence means something a little later. */
const REACH_MS = 1500
const GREET_MS = 2500
const DOH_MS = 3000
/** Public resolvers are asked one behind the other by this much, and the first answer counts. */
const DOH_STAGGER_MS = 150

export function networkSenses({ network, clock, random, bundle }: NetworkSensesDeps): Senses {
  const dial: Dialer = tcp(network)

  const bounded = async <T>(
    ms: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
    failed: (error: DialError) => T,
  ): Promise<T> => {
    const limit = deadline(clock, ms, signal)
    try {
      return await work(limit.signal)
    } catch (error) {
      return failed(classify(limit.signal.aborted ? limit.signal.reason : error))
    } finally {
      limit.clear()
    }
  }

  const open = (address: string, port: number, signal: AbortSignal) =>
    bounded<{ outcome: TcpObservation['outcome']; stream: Duplex | null }>(
      REACH_MS,
      signal,
      async (within) => ({ outcome: { kind: 'connected' }, stream: await dial({ address, port }, within) }),
      ({ reason, code }) => ({
        outcome:
          reason === 'timeout' || reason === 'refused' || reason === 'reset' || reason === 'unreachable'
            ? { kind: reason }
            : { kind: 'failed', code },
        stream: null,
      }),
    )

  return {
    async lookupHere(name, signal) {
      const [resolver] = network.facts().resolvers
      if (!resolver) return { resolverId: 'none', outcome: { kind: 'failed', reason: 'no-resolver' } }
      const types = network.facts().v6 ? (['A', 'AAAA'] as const) : (['A'] as const)
      try {
        const outcomes = await Promise.all(types.map((type) => queryUdp({ network, clock, random, resolver, name, type, signal })))
        return { resolverId: 'system', outcome: join(outcomes) }
      } catch {
        return { resolverId: 'system', outcome: { kind: 'failed', reason: 'cancelled' } }
      }
    },

    async lookupElsewhere(name, signal) {
      const { doh, roots } = bundle()
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
    },

    async reach(address, port, signal) {
      const { outcome, stream } = await open(address, port, signal)
      stream?.destroy()
      return outcome
    },

    async greet(address, port, sni, host, signal) {
      const began = clock.monotonic()
      const { outcome, stream } = await open(address, port, signal)
      const reachedMs = clock.monotonic() - began
      const reached = { ms: reachedMs, outcome }
      if (!stream) return { tcp: reached, tls: null }
      const greeted = await bounded<TlsObservation['outcome']>(
        GREET_MS,
        signal,
        async (within) => {
          const socket = await encrypt(stream, { host, sni, roots: bundle().roots }, within)
          socket.destroy()
          return { kind: 'established' }
        },
        ({ reason, code, issuer }) => {
          if (reason === 'certificate') return { kind: 'certificate', code, issuer }
          return reason === 'timeout' || reason === 'reset' || reason === 'closed' ? { kind: reason } : { kind: 'failed', code }
        },
      )
      return { tcp: reached, tls: { ms: clock.monotonic() - began - reachedMs, outcome: greeted } }
    },
  }
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
