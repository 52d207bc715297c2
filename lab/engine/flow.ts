/**
 * One TCP connection of the simulated internet, from SYN to the last FIN. Between the client's sink and the stream behind the
 * virtual address it keeps what a real path has: round trips, retransmission, windows, and boxes that see the real bytes.
 */
import type { Duplex } from 'node:stream'
import { INITIAL_CREDIT, MAX_SEGMENT, type RefusedCode } from '../../shared/protocol/uplink.ts'
import type { Clock, Timer } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import type { Judgement, Watch } from '../censor/judge.ts'
import { pageOf } from './block-page.ts'
import { createCredit } from './credit.ts'
import type { Connect } from './engine.ts'
import { nodeError } from './errors.ts'
import type { FarEnd, FlowHandle, FlowSink } from './flow-api.ts'
import { createLane, type Fate, type Packet } from './lane.ts'
import type { Pipes } from './pipes.ts'
import type { Route } from './topology.ts'
import { writeSoon } from './write-soon.ts'

export interface FlowDeps {
  readonly clock: Clock
  readonly random: Random
  readonly pipes: Pipes
  readonly route: Route
  readonly watch: Watch
  readonly sink: FlowSink
  /** Asked when the SYN gets there. */
  farEnd(interceptedBy: 'trusted' | 'own' | Connect | null): FarEnd
  /** One packet met the boxes. */
  met(packet: 'syn' | 'fin' | Uint8Array, direction: 'up' | 'down', judgement: Judgement): void
  ended(): void
}

/** RFC 6298 section 2.1. */
const SYN_RTO_MS = 1000
/** As Linux: tcp_syn_retries 6. After that the client hears nothing either: giving up is its own business. */
const SYN_TRIES = 7
/** How far along the way the first boxes stand, as a share of it. */
const BOX_AT = 0.25
/** Bytes on the way or unread at the far end before a sender must wait: the receive window. */
const WINDOW = 4_194_304

export function openFlow(deps: FlowDeps): FlowHandle {
  const { clock, random, pipes, route, watch, sink } = deps
  const oneWay = route.rttMs / 2
  const boxRtt = route.rttMs * BOX_AT
  const timers = new Set<Timer>()
  let backend: Duplex | null = null
  let ended = false
  /** The client side was cut off by a box: it hears nothing from the far end any more. */
  let severed = false
  let finUp = false
  let finDown = false
  /** Bytes that passed the boxes but were not taken by the far end; credit owed for them once they are. */
  let upHeld = 0
  let upOwed = 0
  const credit = createCredit(clock)
  /** Bytes read from the far end and not yet acknowledged by the client. */
  let downHeld = 0
  let clientWindow = INITIAL_CREDIT
  const arrived: Packet[] = []

  const after = (ms: number, run: () => void) => {
    const timer = clock.after(ms, () => {
      timers.delete(timer)
      if (!ended) run()
    })
    timers.add(timer)
  }
  const end = () => {
    if (ended) return
    ended = true
    for (const timer of timers) timer.cancel()
    up.stop()
    down.stop()
    arrived.length = 0
    if (backend && !backend.destroyed) backend.destroy(nodeError('ECONNRESET', 'read'))
    watch.end()
    deps.ended()
  }
  const endIfDone = () => {
    if (finUp && finDown && arrived.length === 0) {
      // Both sides said all they had; the far end may still be closing its own stream.
      backend = null
      end()
    }
  }

  /** A box speaks to both sides in the other's name. */
  const sever = (toClient: readonly Packet[]) => {
    severed = true
    up.stop()
    down.stop()
    arrived.length = 0
    backend?.destroy(nodeError('ECONNRESET', 'read'))
    backend = null
    after(boxRtt, () => {
      arrived.push(...toClient)
      flush()
    })
  }
  const judge = (packet: Packet, direction: 'up' | 'down'): Fate => {
    const bytes = packet.t === 'segment' ? packet.bytes : new Uint8Array(0)
    const judgement = watch.segment(direction, bytes)
    deps.met(packet.t === 'segment' ? packet.bytes : 'fin', direction, judgement)
    switch (judgement.t) {
      case 'pass':
        return { t: 'pass', slowMs: 0 }
      case 'slow':
        return { t: 'pass', slowMs: judgement.ms }
      case 'drop':
        return { t: 'drop', ...(judgement.retryMs !== undefined && { retryMs: judgement.retryMs }) }
      case 'divert':
        // Decided at the SYN, as who answers is.
        return { t: 'pass', slowMs: 0 }
      case 'act':
        break
    }
    const { act } = judgement
    switch (act.do) {
      case 'reset':
        sever([{ t: 'reset' }])
        return { t: 'swallow' }
      case 'close':
        sever([{ t: 'fin' }])
        return { t: 'swallow' }
      case 'blockpage':
        sever([{ t: 'segment', bytes: pageOf(act) }, { t: 'fin' }])
        return { t: 'swallow' }
      default:
        // An ICMP error about an open connection is a hint only (RFC 5927 section 4): to the stack it is loss.
        return { t: 'drop' }
    }
  }

  const payUp = () => {
    if (upOwed === 0 || upHeld >= WINDOW) return
    const bytes = credit.for(upOwed)
    upOwed = 0
    sink.credit(bytes)
  }
  const up = createLane({
    clock,
    random,
    route,
    pipes,
    direction: 'up',
    inspect: (packet) => judge(packet, 'up'),
    accepted: (bytes) => {
      upHeld += bytes
      upOwed += bytes
      payUp()
    },
    deliver: (packet) => {
      if (!backend || backend.destroyed) return
      if (packet.t === 'fin') {
        finUp = true
        backend.end()
        endIfDone()
      } else if (packet.t === 'reset') end()
      else {
        writeSoon(backend, packet.bytes, () => {
          upHeld -= packet.bytes.length
          if (!ended) payUp()
        })
      }
    },
  })
  const down = createLane({
    clock,
    random,
    route,
    pipes,
    direction: 'down',
    inspect: (packet) => judge(packet, 'down'),
    accepted: () => {},
    deliver: (packet) => {
      arrived.push(packet)
      flush()
    },
  })
  const flush = () => {
    while (!ended && arrived[0]) {
      const packet = arrived[0]
      if (packet.t === 'segment') {
        if (packet.bytes.length > clientWindow) return
        clientWindow -= packet.bytes.length
        arrived.shift()
        sink.segment(packet.bytes)
      } else {
        arrived.shift()
        if (packet.t === 'fin') {
          finDown = true
          sink.fin()
          endIfDone()
        } else {
          sink.reset()
          end()
        }
      }
    }
  }

  const attach = (stream: Duplex) => {
    backend = stream
    stream.on('data', (chunk: Buffer) => {
      if (severed) return
      downHeld += chunk.length
      for (let at = 0; at < chunk.length; at += MAX_SEGMENT) down.send({ t: 'segment', bytes: chunk.subarray(at, at + MAX_SEGMENT) })
      if (downHeld >= WINDOW) stream.pause()
    })
    stream.once('end', () => {
      if (!severed) down.send({ t: 'fin' })
    })
    stream.on('error', () => {})
    stream.once('close', () => {
      if (!stream.readableEnded && !severed && !ended) down.send({ t: 'reset' })
    })
  }
  const refuse = (code: RefusedCode, ms: number) =>
    after(ms, () => {
      sink.refused(code)
      end()
    })
  /** `due`: when the SYN should have got there. Timers of a busy machine are late; the answer's way makes up for it. */
  const arriveSyn = async (interceptedBy: Parameters<FlowDeps['farEnd']>[0], due: number) => {
    const far = deps.farEnd(interceptedBy)
    if (far.t === 'silent') return
    if (far.t === 'closed') return refuse('ECONNREFUSED', oneWay)
    let stream: Duplex
    try {
      const pending = far.connect()
      stream = pending instanceof Promise ? await pending : pending
    } catch {
      return refuse('ECONNREFUSED', oneWay)
    }
    if (ended) {
      stream.on('error', () => {})
      stream.destroy()
      return
    }
    down.notBefore(due + oneWay)
    after(Math.max(0, due + oneWay - clock.monotonic()), () => sink.opened())
    attach(stream)
  }
  const syn = (tries: number) => {
    const judgement = watch.syn()
    deps.met('syn', 'up', judgement)
    const box = judgement.t === 'act' && judgement.act.do === 'intercept' ? judgement.act.ca : null
    const interceptedBy = judgement.t === 'divert' ? judgement.connect : box
    if (judgement.t === 'act' && !box) {
      // A refusal from a box comes back sooner than the far end could have answered.
      // One from a service that is full comes from there.
      return refuse(
        judgement.act.do === 'unreachable' ? judgement.act.code : 'ECONNREFUSED',
        judgement.act.do === 'load' ? route.rttMs : boxRtt,
      )
    }
    const lost = judgement.t === 'drop' || (route.loss > 0 && (random.fraction() < route.loss || random.fraction() < route.loss))
    if (lost) {
      if (tries + 1 < SYN_TRIES) after(SYN_RTO_MS * 2 ** tries, () => syn(tries + 1))
      return
    }
    const jitter = route.jitterMs === 0 ? 0 : random.fraction() * route.jitterMs
    const wait = judgement.t === 'slow' ? judgement.ms : 0
    const due = clock.monotonic() + oneWay + jitter + wait
    after(oneWay + jitter + wait, () => void arriveSyn(interceptedBy, due))
  }
  syn(0)

  return {
    segment: (bytes) => up.send({ t: 'segment', bytes }),
    fin() {
      if (severed) end()
      else up.send({ t: 'fin' })
    },
    reset() {
      if (ended) return
      // RST crosses the way like anything else, but the client is done at once.
      const far = backend
      backend = null
      end()
      if (far) clock.after(oneWay, () => far.destroy(nodeError('ECONNRESET', 'read')))
    },
    credit(bytes) {
      clientWindow += bytes
      downHeld -= bytes
      if (backend && downHeld < WINDOW && backend.isPaused()) backend.resume()
      flush()
    },
  }
}
