/** DNS messages (RFC 1035): one question out, one answer in, and everything that does not belong to the question turned away. */
import { type Answer, decode, encode, type Question } from 'dns-packet'
import type { Random } from '../../../../shared/util/random.ts'

export type DnsType = 'A' | 'AAAA'

export interface DnsQuery<T extends DnsType | 'TXT' = DnsType> {
  readonly id: number
  /** In the very spelling that was sent. */
  readonly name: string
  readonly type: T
}

/** What one message says. `null` rcode fields do not exist: an answer, a name that does not exist, or the server's error. */
export type DnsReply =
  | { readonly kind: 'answer'; readonly addresses: readonly string[] }
  | { readonly kind: 'nxdomain'; readonly soa: boolean }
  | { readonly kind: 'error'; readonly rcode: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** Writes letters in random case (draft-vixie-dnsext-dns0x20): a forger that never saw the query must guess them. */
export function mixCase(name: string, random: Random): string {
  return [...name].map((letter) => (random.fraction() < 0.5 ? letter.toUpperCase() : letter.toLowerCase())).join('')
}

export function encodeQuery({ id, name, type }: DnsQuery<DnsType | 'TXT'>): Uint8Array {
  // RD as a stub resolver asks; EDNS with the size of the DNS flag day 2020, which fits every path.
  return encode({
    type: 'query',
    id,
    flags: 0x0100,
    questions: [{ type, name }],
    additionals: [
      { type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
    ],
  })
}

/** `null` for anything that is not an answer to exactly this query: malformed, another id, another question, another spelling. */
export function decodeReply(bytes: Uint8Array, query: DnsQuery): DnsReply | null {
  const decoded = decodeAnswers(bytes, query)
  return decoded?.kind === 'answers' ? { kind: 'answer', addresses: addressesOf(decoded.answers, query) } : decoded
}

export type TxtReply = { readonly kind: 'texts'; readonly texts: readonly string[] } | Exclude<DnsReply, { kind: 'answer' }>

/** As `decodeReply`: one text for each record, its character strings joined. */
export function decodeTxtReply(bytes: Uint8Array, query: DnsQuery<'TXT'>): TxtReply | null {
  const decoded = decodeAnswers(bytes, query)
  return decoded?.kind === 'answers' ? { kind: 'texts', texts: textsOf(decoded.answers, query) } : decoded
}

function decodeAnswers(
  bytes: Uint8Array,
  query: DnsQuery<DnsType | 'TXT'>,
): { readonly kind: 'answers'; readonly answers: readonly Answer[] } | Exclude<DnsReply, { kind: 'answer' }> | null {
  let message: ReturnType<typeof decode>
  try {
    message = decode(Buffer.from(bytes))
  } catch {
    return null
  }
  const [question, ...others] = message.questions ?? []
  if (message.type !== 'response' || message.id !== query.id || others.length > 0 || !asks(question, query)) return null
  if (message.flag_tc) return { kind: 'failed', reason: 'truncated' }
  // dns-packet 5 gives `rcode`, which its types leave out.
  const rcode = 'rcode' in message && typeof message.rcode === 'string' ? message.rcode : 'UNKNOWN'
  if (rcode === 'NXDOMAIN') return { kind: 'nxdomain', soa: (message.authorities ?? []).some((record) => record.type === 'SOA') }
  if (rcode !== 'NOERROR') return { kind: 'error', rcode }
  return { kind: 'answers', answers: message.answers ?? [] }
}

function asks(question: Question | undefined, query: DnsQuery<DnsType | 'TXT'>): boolean {
  return question?.name === query.name && question.type === query.type && (question.class ?? 'IN') === 'IN'
}

/** Addresses of the name asked for, or of what its aliases lead to; records about other names are left out. */
function addressesOf(answers: readonly Answer[], query: DnsQuery): string[] {
  const names = namesOf(answers, query.name)
  return answers.flatMap((record) =>
    (record.type === 'A' || record.type === 'AAAA') && record.type === query.type && names.has(record.name.toLowerCase())
      ? [record.data]
      : [],
  )
}

function textsOf(answers: readonly Answer[], query: DnsQuery<'TXT'>): string[] {
  const names = namesOf(answers, query.name)
  return answers.flatMap((record) =>
    record.type === 'TXT' && names.has(record.name.toLowerCase()) ? [[record.data].flat().map(String).join('')] : [],
  )
}

function namesOf(answers: readonly Answer[], asked: string): Set<string> {
  const names = new Set([asked.toLowerCase()])
  for (let before = 0; before < names.size; ) {
    before = names.size
    for (const record of answers) {
      if (record.type === 'CNAME' && names.has(record.name.toLowerCase())) names.add(record.data.toLowerCase())
    }
  }
  return names
}
