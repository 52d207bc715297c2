/** HTTP/1.1 over one connected stream: the connection came about elsewhere, no name is looked up and nothing is retried here. */
import type { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { Client } from 'undici'
import { DialError } from './errors.ts'

export interface HttpAsk {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Absolute path with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readable | Uint8Array | undefined
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; a repeated header joined with commas. */
  readonly headers: Readonly<Record<string, string>>
  /** Ends with an error if the connection is lost first. Must be read or destroyed. */
  readonly body: Readable
}

export interface HttpConnection {
  /** One after the other. Rejects when the connection ends before the head of the answer came, or with the signal's reason. */
  request(ask: HttpAsk): Promise<HttpAnswer>
  /** Bytes so far, both directions. */
  carried(): number
  /** Closes the connection at once, with whatever is under way on it. */
  close(): void
}

/** Takes over `socket`. `host` goes into the Host header, with its port unless that is HTTPS's own. */
export function openHttp(socket: TLSSocket, host: string): HttpConnection {
  let handedOver = false
  const client = new Client(`https://${host}`, {
    connect: (_options, callback) => {
      const again = handedOver
      handedOver = true
      // undici forgets the request when it is answered before `connect` returns.
      queueMicrotask(() => (again || socket.destroyed ? callback(new DialError('closed'), null) : callback(null, socket)))
    },
    pipelining: 1,
    // Time limits come through signals, on the injected clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 600_000,
  })
  return {
    async request({ method, path, headers, body, signal }) {
      const answer = await client.request({ method, path, headers, body: body ?? null, signal })
      const plain = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, [value ?? ''].flat().join(', ')])
      return { status: answer.statusCode, headers: Object.fromEntries(plain), body: answer.body }
    },
    carried: () => socket.bytesRead + socket.bytesWritten,
    close() {
      socket.destroy()
      client.destroy().catch(() => {})
    },
  }
}

/** A body as a whole; `null` as soon as it has more than `limit` bytes. */
export async function readAll(body: Readable, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue
    length += chunk.length
    if (length > limit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
