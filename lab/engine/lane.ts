/**
 * One direction of a flow: keeps order, applies latency, jitter, loss and bandwidth, and retransmits what the way lost. Loss
 * on a stream is delay, never a hole.
 */
import type { Clock, Timer } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import type { Pipes } from './pipes.ts'
import type { Route } from './topology.ts'

export type Packet = { readonly t: 'segment'; readonly bytes: Uint8Array } | { readonly t: 'fin' } | { readonly t: 'reset' }

/** What became of a packet at the boxes on the way. `swallow`: the flow was dealt with, the packet goes nowhere. */
export type Fate =
  | { readonly t: 'pass'; readonly slowMs: number }
  | { readonly t: 'drop'; readonly retryMs?: number }
  | { readonly t: 'swallow' }

export interface LaneDeps {
  readonly clock: Clock
  readonly random: Random
  readonly route: Route
  readonly pipes: Pipes
  readonly direction: 'up' | 'down'
  inspect(packet: Packet): Fate
  deliver(packet: Packet): void
  /** So many bytes left the sender for good. */
  accepted(bytes: number): void
}

export interface Lane {
  send(packet: Packet): void
  /** Nothing arrives before this moment (monotonic ms): the handshake comes first. */
  notBefore(at: number): void
  stop(): void
}

/** RFC 6298 section 2.4 asks for 1 s; Linux uses 200 ms, which is what people meet. */
const MIN_RTO_MS = 200
const MAX_RTO_MS = 60_000

export function retransmitAfter(route: Route, tries: number): number {
  return Math.min(MAX_RTO_MS, Math.max(MIN_RTO_MS, route.rttMs * 1.5) * 2 ** Math.min(tries, 12))
}

export function createLane(deps: LaneDeps): Lane {
  const { clock, random, route, pipes, direction } = deps
  /** Not yet past the boxes. */
  const waiting: Packet[] = []
  /** On the wire, in order. */
  const flying: { readonly packet: Packet; readonly at: number }[] = []
  let retries = 0
  let retryTimer: Timer | null = null
  let arrivalTimer: Timer | null = null
  let lastArrival = 0
  let stopped = false

  const arrive = () => {
    arrivalTimer = null
    // A timer may fire a fraction early; what is due within it is due.
    while (!stopped && flying[0] && flying[0].at <= clock.monotonic() + 0.1) {
      const next = flying.shift()
      if (next) deps.deliver(next.packet)
    }
    schedule()
  }
  const schedule = () => {
    const next = flying[0]
    if (stopped || arrivalTimer || !next) return
    arrivalTimer = clock.after(Math.max(0, next.at - clock.monotonic()), arrive)
  }
  const lossDelay = (bytes: number) => {
    if (route.loss === 0) return 0
    // A segment of the lab may stand for several packets on a real wire.
    const lost = 1 - (1 - route.loss) ** Math.max(1, Math.ceil(bytes / 1448))
    let delay = 0
    for (let tries = 0; random.fraction() < lost; tries++) delay += retransmitAfter(route, tries)
    return delay
  }
  const fly = (packet: Packet, slowMs: number) => {
    const bytes = packet.t === 'segment' ? packet.bytes.length : 0
    const leaves = pipes.leave(route, direction, bytes, slowMs)
    const jitter = route.jitterMs === 0 ? 0 : random.fraction() * route.jitterMs
    lastArrival = Math.max(lastArrival, leaves + route.rttMs / 2 + jitter + lossDelay(bytes))
    flying.push({ packet, at: lastArrival })
    schedule()
    if (bytes === 0) return
    const wait = leaves - clock.monotonic()
    if (wait <= 0) deps.accepted(bytes)
    else
      clock.after(wait, () => {
        if (!stopped) deps.accepted(bytes)
      })
  }
  const pump = () => {
    while (!stopped && !retryTimer && waiting[0]) {
      const packet = waiting[0]
      const fate = deps.inspect(packet)
      if (fate.t === 'drop') {
        // What a policer dropped is missed within a round trip, by duplicate acknowledgements (RFC 5681 section 3.2).
        const wait = fate.retryMs === undefined ? retransmitAfter(route, retries++) : Math.max(route.rttMs, fate.retryMs)
        retryTimer = clock.after(wait, () => {
          retryTimer = null
          pump()
        })
        return
      }
      retries = 0
      waiting.shift()
      if (fate.t === 'pass') fly(packet, fate.slowMs)
    }
  }

  return {
    send(packet) {
      if (stopped) return
      waiting.push(packet)
      pump()
    },
    notBefore(at) {
      lastArrival = Math.max(lastArrival, at)
    },
    stop() {
      stopped = true
      retryTimer?.cancel()
      arrivalTimer?.cancel()
      waiting.length = 0
      flying.length = 0
    },
  }
}
