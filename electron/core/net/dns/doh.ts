/**
 * DNS over HTTPS (RFC 8484) to a resolver at a literal address: what it says is authenticated, names are hidden on the way, and it looks
 * like any web site but for its name and address, by which it can be cut off. Not against a resolver that lies. Two round trips, then one.
 */
import { Buffer } from 'node:buffer'
import type { Dialer } from '../dialer.ts'
import { classify } from '../errors.ts'
import { openHttp, readAll } from '../http.ts'
import type { SocketAddress } from '../network.ts'
import { encrypt } from '../tls.ts'
import type { Resolver } from './resolver.ts'
import type { DnsOutcome } from './udp.ts'
import { type DnsQuery, type DnsType, decodeReply, decodeTxtReply, encodeQuery, type TxtReply } from './wire.ts'

export interface DohServer extends SocketAddress {
  readonly host: string
  readonly path: string
}

export interface DohQuery {
  readonly dial: Dialer
  readonly server: DohServer
  readonly roots: readonly string[]
  readonly name: string
  readonly types: readonly DnsType[]
  /** Carries the time limit: reaching it is the outcome `timeout`. */
  readonly signal: AbortSignal
}

/** RFC 8484 section 6 allows any DNS message; addresses of one name fit in far less, and a bundle in this. */
const MAX_MESSAGE = 16_384

/** Asks for all types over one connection. Never rejects: what failed is the outcome. */
export function queryDoh({ types, ...query }: DohQuery): Promise<DnsOutcome> {
  return over(query, async (ask) => {
    const replies: DnsOutcome[] = []
    for (const type of types) {
      const reply = await ask(type, decodeReply)
      replies.push(reply.kind === 'answer' ? { ...reply, late: [] } : reply)
    }
    return join(replies)
  })
}

export function dohResolver({ id, ...server }: Omit<DohQuery, 'name' | 'types' | 'signal'> & { readonly id: string }): Resolver {
  return {
    id,
    trust: 'authenticated',
    async lookUp({ name, types }, signal) {
      const outcome = await queryDoh({ ...server, name, types, signal })
      if (signal.aborted && classify(signal.reason).reason !== 'timeout') throw signal.reason
      return outcome
    },
  }
}

/** The TXT records of a name. Never rejects. */
export function queryDohTxt(query: Omit<DohQuery, 'types'>): Promise<TxtReply | Failed | { readonly kind: 'timeout' }> {
  return over(query, (ask) => ask('TXT', decodeTxtReply))
}

interface Failed {
  readonly kind: 'failed'
  readonly reason: string
}
type Ask = <T extends DnsType | 'TXT', R>(type: T, decode: (bytes: Uint8Array, query: DnsQuery<T>) => R | null) => Promise<R | Failed>

/** One connection for whatever `work` asks. */
async function over<R>(
  { dial, server, roots, name, signal }: Omit<DohQuery, 'types'>,
  work: (ask: Ask) => Promise<R>,
): Promise<R | Failed | { readonly kind: 'timeout' }> {
  try {
    const socket = await encrypt(await dial(server, signal), { host: server.host, sni: server.host, roots }, signal)
    const http = openHttp(socket, server.host)
    try {
      return await work(async (type, decode) => {
        // RFC 8484 section 4.1: id 0, so that equal questions have equal addresses and caches work.
        const query = { id: 0, name, type }
        const message = Buffer.from(encodeQuery(query)).toString('base64url')
        const headers = { accept: 'application/dns-message' }
        const { status, body } = await http.request({ method: 'GET', path: `${server.path}?dns=${message}`, headers, signal })
        const bytes = await readAll(body, MAX_MESSAGE)
        if (!bytes) return { kind: 'failed', reason: 'oversized' }
        if (status !== 200) return { kind: 'failed', reason: `status-${status}` }
        return decode(bytes, query) ?? { kind: 'failed', reason: 'malformed' }
      })
    } finally {
      http.close()
    }
  } catch (error) {
    const { reason, code } = classify(signal.aborted ? signal.reason : error)
    return reason === 'timeout' ? { kind: 'timeout' } : { kind: 'failed', reason: reason === 'failed' ? code : reason }
  }
}

/** Several types of one name -> one outcome: all addresses if any type answered, else what the first type said. */
export function join(outcomes: readonly DnsOutcome[]): DnsOutcome {
  const answers = outcomes.flatMap((outcome) => (outcome.kind === 'answer' ? [outcome] : []))
  if (answers.length === 0) return outcomes[0] ?? { kind: 'timeout' }
  return { kind: 'answer', addresses: answers.flatMap((answer) => answer.addresses), late: answers.flatMap((answer) => answer.late) }
}
