/** UDP of the simulated internet. Questions to port 53 are shown to the boxes as the DNS messages they are. */
import type { Clock } from '../../shared/util/clock.ts'
import type { Events } from '../../shared/util/events.ts'
import type { Judge, Way } from '../censor/judge.ts'
import type { Lots } from '../censor/lots.ts'
import { forgeAnswer, questionOf } from './dns-message.ts'
import type { Origin } from './engine.ts'
import type { PacketEvent } from './packet-log.ts'
import type { Premises } from './premises.ts'
import type { Topology } from './topology.ts'

export interface Answer {
  readonly address: string
  readonly port: number
  readonly bytes: Uint8Array
}

/** Answers a datagram with any number of datagrams, now or later. */
export type DatagramListener = (from: Origin, way: Way, bytes: Uint8Array, reply: (bytes: Uint8Array) => void) => void

export interface Datagrams {
  listen(key: string, answer: DatagramListener): () => void
  send(from: Origin, way: Way, bytes: Uint8Array, onReply: (reply: Answer) => void): void
}

/** How far along the way an injecting box stands. */
const BOX_AT = 0.25
/** How much farther each next one stands. */
const BOX_STEP = 0.05

interface Deps {
  readonly clock: Clock
  readonly lots: Lots
  readonly topology: Topology
  readonly judge: Judge
  readonly packets: Events<PacketEvent>
  premises(): Premises
}

export function createDatagrams({ clock, lots, topology, judge, packets, premises }: Deps): Datagrams {
  const listeners = new Map<string, DatagramListener>()
  return {
    listen(key, answer) {
      listeners.set(key, answer)
      return () => {
        if (listeners.get(key) === answer) listeners.delete(key)
      }
    },
    send(from, way, bytes, onReply) {
      const route = premises().route(from, topology.route(from.provider, way.toProvider))
      const question = way.port === 53 ? questionOf(bytes) : null
      const note = (fate: PacketEvent['fate'], rule: string | null) =>
        packets.emit({
          t: question ? 'dns' : 'datagram',
          direction: 'up',
          way,
          bytes: bytes.length,
          name: question?.name ?? null,
          fate,
          rule,
        })
      const near = premises().datagram(from, { address: way.to, port: way.port }, question, bytes)
      if (near?.t === 'reply') {
        note('lied', near.id)
        const { rttMs } = topology.route(from.provider, from.provider)
        clock.after(rttMs, () => onReply({ address: way.to, port: way.port, bytes: near.bytes }))
        return
      }
      if (near) return note('dropped', near.id)
      const general = judge.datagram(way)
      if (general.t === 'drop') return note('dropped', general.rule.id)
      const special = question ? judge.onPath(way, question.name) : null
      if (special && special.act.do !== 'inject') return note('dropped', special.rule.id)
      if (special?.act.do === 'inject' && question) {
        note('lied', special.rule.id)
        const { act } = special
        judge.forged(way, question, act).forEach((addresses, i) => {
          const forged = forgeAnswer(bytes, addresses, act.ttl)
          clock.after(route.rttMs * (BOX_AT + i * BOX_STEP), () => onReply({ address: way.to, port: way.port, bytes: forged }))
        })
      }
      const own = lots.next(`datagram|${way.from}|${way.to}|${way.port}`)
      const lost = () => route.loss > 0 && own.fraction() < route.loss
      const oneWay = () => route.rttMs / 2 + own.fraction() * route.jitterMs
      if (lost()) return
      clock.after(oneWay(), () => {
        // Who answers on port 53 reports what it did itself: only there is it known whether the answer is true.
        const answer = listeners.get(`${way.to} ${way.port}`)
        answer?.(from, way, bytes, (reply) => {
          if (!lost()) clock.after(oneWay(), () => onReply({ address: way.to, port: way.port, bytes: reply }))
        })
      })
    },
  }
}
