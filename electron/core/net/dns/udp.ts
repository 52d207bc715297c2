/**
 * A question to a plain resolver by our own UDP, listening on after the first answer: a second, different one betrays a forger. Mixed case,
 * id and port keep out who does not see the question; who does, and a resolver that lies, are only noticed. One round trip, names in clear.
 */
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { deadline } from '../deadline.ts'
import type { Network, SocketAddress } from '../network.ts'
import { type DnsReply, type DnsType, decodeReply, encodeQuery, mixCase } from './wire.ts'

export type DnsOutcome =
  | { readonly kind: 'answer'; readonly addresses: readonly string[]; readonly late: readonly (readonly string[])[] }
  | Exclude<DnsReply, { kind: 'answer' }>
  | { readonly kind: 'timeout' }

export interface UdpQuery {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly resolver: SocketAddress
  readonly name: string
  readonly type: DnsType
  readonly signal: AbortSignal
  /** Called with the first valid answer, while we still listen. */
  readonly onFirst?: (reply: DnsReply) => void
}

/** GFWatch saw 99 % of forged answers within 364 ms of the true one; a true one follows a forged one as soon. */
const HOLD_MS = 400
/** After silence for so long it is sent again, for one lost datagram is no silence; so often in all. */
export const AGAIN_MS = 1_000
export const TRIES = 3
const GIVE_UP_MS = TRIES * AGAIN_MS

/** Never rejects except with the signal's reason. */
export async function queryUdp({ network, clock, random, resolver, name, type, signal, onFirst }: UdpQuery): Promise<DnsOutcome> {
  const limit = deadline(clock, GIVE_UP_MS, signal)
  const stop = new AbortController()
  limit.signal.addEventListener('abort', () => stop.abort(), { once: true })
  let first: DnsReply | undefined
  const late: (readonly string[])[] = []

  const ask = async () => {
    const [high = 0, low = 0] = random.bytes(2)
    const query = { id: high * 256 + low, name: mixCase(name, random), type }
    let firstHere = false
    for await (const reply of network.exchange(resolver, encodeQuery(query), stop.signal)) {
      if (reply.from.address !== resolver.address || reply.from.port !== resolver.port) continue
      const heard = decodeReply(reply.bytes, query)
      if (!heard) continue
      // Answers to the other try are told apart by their port: only a second one to the same question is suspicious.
      if (first === undefined) {
        first = heard
        firstHere = true
        again.cancel()
        hold = clock.after(HOLD_MS, () => stop.abort())
        onFirst?.(heard)
      } else if (firstHere && heard.kind === 'answer') late.push(heard.addresses)
    }
  }
  let hold = { cancel: () => {} }
  const tries: Promise<void>[] = []
  let again = { cancel: () => {} }
  const send = () => {
    tries.push(ask())
    if (tries.length < TRIES) again = clock.after(AGAIN_MS, send)
  }
  send()
  try {
    await new Promise<void>((resolve) => {
      if (stop.signal.aborted) resolve()
      stop.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.all(tries)
  } finally {
    again.cancel()
    hold.cancel()
    limit.clear()
  }
  signal.throwIfAborted()
  if (first === undefined) return { kind: 'timeout' }
  return first.kind === 'answer' ? { ...first, late } : first
}
