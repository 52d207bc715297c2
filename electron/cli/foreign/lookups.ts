/** Questions of somebody else's client, put to the resolver of its place exactly as it asked them; every answer is recorded. */
import packet from 'dns-packet'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Network, SocketAddress } from '../../core/net/network.ts'
import type { Recorder } from './record.ts'

/** How long a stub resolver waits, and how long an answer may be late. */
export const ANSWER_MS = 5000

export interface Question {
  readonly name: string
  readonly type: string
}

export interface Lookups {
  /** All answers as they come, the first one and any that a forger was quicker than. */
  ask(message: Uint8Array, question: Question, by: 'dns' | 'socks', signal: AbortSignal): AsyncIterable<Uint8Array>
  /** For an answer that came by another way than `ask`; `null`: none came. */
  note(question: Question, by: 'dns' | 'socks', began: number, reply: Uint8Array | null, late: boolean): void
  resolver(): SocketAddress | null
}

export function createLookups(network: Network, clock: Clock, recorder: Recorder): Lookups {
  const note: Lookups['note'] = ({ name, type }, by, began, reply, late) => {
    const ms = Math.round(clock.monotonic() - began)
    const what = reply ? readReply(reply) : { outcome: 'timeout' as const, addresses: [] }
    recorder.note({ t: 'lookup', at: clock.now(), ms, by, name, type, ...what, late })
  }
  const resolver = () => network.facts().resolvers[0] ?? null
  return {
    note,
    resolver,
    async *ask(message, question, by, signal) {
      const to = resolver()
      if (!to) return
      const began = clock.monotonic()
      let answers = 0
      for await (const reply of network.exchange(to, message, signal)) {
        if (reply.from.address !== to.address || reply.from.port !== to.port) continue
        note(question, by, began, reply.bytes, answers > 0)
        answers++
        yield reply.bytes
      }
      if (answers === 0) note(question, by, began, null, false)
    },
  }
}

/** The one question of a query; `null` for everything else, malformed bytes included. */
export function readQuestion(message: Uint8Array): Question | null {
  try {
    const { type, questions } = packet.decode(Buffer.from(message))
    const [question, ...others] = questions ?? []
    return type === 'query' && question && others.length === 0 ? { name: question.name.toLowerCase(), type: question.type } : null
  } catch {
    return null
  }
}

/** What a message says; malformed is an error like any other. */
export function readReply(message: Uint8Array): { outcome: 'answer' | 'nxdomain' | 'error'; addresses: string[] } {
  try {
    const reply = packet.decode(Buffer.from(message))
    // dns-packet 5 gives `rcode`, which its types leave out.
    const rcode = 'rcode' in reply ? reply.rcode : 'UNKNOWN'
    if (rcode === 'NXDOMAIN') return { outcome: 'nxdomain', addresses: [] }
    if (rcode !== 'NOERROR') return { outcome: 'error', addresses: [] }
    const addresses = (reply.answers ?? []).flatMap((record) => (record.type === 'A' || record.type === 'AAAA' ? [record.data] : []))
    return { outcome: 'answer', addresses }
  } catch {
    return { outcome: 'error', addresses: [] }
  }
}
