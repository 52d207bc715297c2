/** An HTTP answer as data, and how it is written. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** On every answer: nothing is guessed, framed, loaded by other sites, or told onwards. */
const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

export function withCommonHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { ...commonHeaders, ...headers }
}

export function refusal(status: number, text: string): Reply {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': "default-src 'none'" },
    body: `${text}\n`,
  }
}

export function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Reply): void {
  const bytes = Buffer.from(body)
  const all = withCommonHeaders({ ...headers, 'content-length': String(bytes.length) })
  // A body that nobody read must not be taken for the next request.
  if (!request.complete) all.connection = 'close'
  response.writeHead(status, all)
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
