/** DNS over HTTPS (RFC 8484) to a resolver at a literal address: what it says is authenticated, and names are hidden on the way. */
import { Buffer } from 'node:buffer'
import type { Dialer } from '../dialer.ts'
import { classify } from '../errors.ts'
import { openHttp } from '../http.ts'
import type { SocketAddress } from '../network.ts'
import { encrypt } from '../tls.ts'
import type { DnsOutcome } from './udp.ts'
import { type DnsType, decodeReply, encodeQuery } from './wire.ts'

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

/** RFC 8484 section 6 allows any DNS message; addresses of one name fit in far less. */
const MAX_MESSAGE = 4_096

/** Asks for all types over one connection. Never rejects: what failed is the outcome. */
export async function queryDoh({ dial, server, roots, name, types, signal }: DohQuery): Promise<DnsOutcome> {
  try {
    const socket = await encrypt(await dial(server, signal), { host: server.host, sni: server.host, roots }, signal)
    const http = openHttp(socket, server.host)
    try {
      const replies: DnsOutcome[] = []
      for (const type of types) replies.push(await ask(http, server.path, name, type, signal))
      return join(replies)
    } finally {
      http.close()
    }
  } catch (error) {
    const { reason, code } = classify(signal.aborted ? signal.reason : error)
    return reason === 'timeout' ? { kind: 'timeout' } : { kind: 'failed', reason: reason === 'failed' ? code : reason }
  }
}

async function ask(http: ReturnType<typeof openHttp>, path: string, name: string, type: DnsType, signal: AbortSignal): Promise<DnsOutcome> {
  // RFC 8484 section 4.1: id 0, so that equal questions have equal addresses and caches work.
  const query = { id: 0, name, type }
  const message = Buffer.from(encodeQuery(query)).toString('base64url')
  const headers = { accept: 'application/dns-message' }
  const { status, body } = await http.request({ method: 'GET', path: `${path}?dns=${message}`, headers, signal })
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue
    length += chunk.length
    if (length > MAX_MESSAGE) return { kind: 'failed', reason: 'oversized' }
    chunks.push(chunk)
  }
  if (status !== 200) return { kind: 'failed', reason: `status-${status}` }
  const reply = decodeReply(Buffer.concat(chunks), query)
  if (!reply) return { kind: 'failed', reason: 'malformed' }
  return reply.kind === 'answer' ? { ...reply, late: [] } : reply
}

/** Several types of one name -> one outcome: all addresses if any type answered, else what the first type said. */
export function join(outcomes: readonly DnsOutcome[]): DnsOutcome {
  const answers = outcomes.flatMap((outcome) => (outcome.kind === 'answer' ? [outcome] : []))
  if (answers.length === 0) return outcomes[0] ?? { kind: 'timeout' }
  return { kind: 'answer', addresses: answers.flatMap((answer) => answer.addresses), late: answers.flatMap((answer) => answer.late) }
}
