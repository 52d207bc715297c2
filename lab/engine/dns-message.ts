/** DNS messages, by dns-packet: reading a question, writing an answer to it. */
import packet from 'dns-packet'

export interface Question {
  readonly name: string
  readonly type: string
}

export interface Reply {
  readonly addresses: readonly string[]
  /** What TXT records of the name say, each one character string. */
  readonly texts?: readonly string[]
  readonly ttl: number
  /** `null`: there is no such name. */
  readonly exists: boolean
  /** The zone's SOA goes with a negative answer (RFC 2308 section 3); a forger leaves it out. */
  readonly soa: boolean
}

const RECURSION_AVAILABLE = 0x80
const NXDOMAIN = 3

/** The one question of a query; `null` for anything else, malformed bytes included. */
export function questionOf(bytes: Uint8Array): Question | null {
  try {
    const query = packet.decode(Buffer.from(bytes))
    const question = query.type === 'query' && query.questions?.length === 1 ? query.questions[0] : undefined
    return question ? { name: question.name.toLowerCase(), type: question.type } : null
  } catch {
    return null
  }
}

/** The answer to `query`, which must have passed `questionOf`. Addresses of the other family are left out. */
export function answerTo(query: Uint8Array, reply: Reply): Uint8Array {
  const { id, questions, flags } = packet.decode(Buffer.from(query))
  const question = questions?.[0]
  const name = question?.name ?? ''
  const fitting = reply.addresses.filter((address) => question?.type === (address.includes(':') ? 'AAAA' : 'A'))
  const texts = question?.type === 'TXT' ? (reply.texts ?? []) : []
  const negative = fitting.length + texts.length === 0 && reply.soa
  const { ttl } = reply
  return packet.encode({
    type: 'response',
    id: id ?? 0,
    flags: ((flags ?? 0) & packet.RECURSION_DESIRED) | RECURSION_AVAILABLE | (reply.exists ? 0 : NXDOMAIN),
    questions: questions ?? [],
    answers: [
      ...fitting.map((data) => ({ type: data.includes(':') ? ('AAAA' as const) : ('A' as const), name, ttl, class: 'IN' as const, data })),
      ...texts.map((data) => ({ type: 'TXT' as const, name, ttl, class: 'IN' as const, data })),
    ],
    authorities: negative
      ? [
          {
            type: 'SOA',
            name: 'test',
            ttl: 60,
            data: {
              mname: 'ns.registry.test',
              rname: 'hostmaster.registry.test',
              serial: 1,
              refresh: 3600,
              retry: 600,
              expire: 86_400,
              minimum: 60,
            },
          },
        ]
      : [],
  })
}

/** What somebody on the way makes up: the addresses it was given, or, without any, that there is no such name. */
export function forgeAnswer(query: Uint8Array, addresses: readonly string[], ttl: number): Uint8Array {
  return answerTo(query, { addresses, ttl, exists: addresses.length > 0, soa: false })
}

/** RFC 1035 section 4.2.1; EDNS raises it (RFC 6891 section 6.2.3). */
const PLAIN_UDP_BYTES = 512

/** What fits into a datagram for whoever asked `query`: the answer, or that it must be asked for over TCP (RFC 7766). */
export function fitDatagram(query: Uint8Array, answer: Uint8Array): Uint8Array {
  const { id, questions, flags, additionals } = packet.decode(Buffer.from(query))
  const option = additionals?.find((record) => record.type === 'OPT')
  if (answer.length <= Math.max(PLAIN_UDP_BYTES, option?.udpPayloadSize ?? 0)) return answer
  return packet.encode({
    type: 'response',
    id: id ?? 0,
    flags: ((flags ?? 0) & packet.RECURSION_DESIRED) | RECURSION_AVAILABLE | packet.TRUNCATED_RESPONSE,
    questions: questions ?? [],
  })
}
