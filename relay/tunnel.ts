/**
 * Streams to this relay inside requests to this relay: by WebSocket, as behind a front, or in slices. What comes out is taken as a
 * connection like any other: TLS to the relay's own key runs inside, and nobody in between sees more than its bytes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { decodeUp, encodeDown, MAX_UP_BODY, TUNNEL_ID } from '../shared/protocol/tunnel.ts'
import type { Clock } from '../shared/util/clock.ts'
import { refusal, send, withCommonHeaders } from './http.ts'
import { SlicedStream } from './slices.ts'

export interface Tunnels {
  /** `id`: what follows the path. */
  request(request: IncomingMessage, response: ServerResponse, id: string): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): void
}

const MAX_TUNNELS = 512
const MAX_MESSAGE = 1 << 20

export function createTunnels(accept: (stream: Duplex) => void, clock: Clock): Tunnels {
  const sliced = new Map<string, SlicedStream>()
  const open = new Set<Duplex>()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE })
  const begin = (stream: Duplex) => {
    open.add(stream)
    stream.on('error', () => {})
    stream.on('close', () => open.delete(stream))
    accept(stream)
  }
  const find = (id: string, isFirst: boolean): SlicedStream | null => {
    const known = sliced.get(id)
    if (known || !isFirst || open.size >= MAX_TUNNELS) return known ?? null
    const stream = new SlicedStream(clock)
    sliced.set(id, stream)
    stream.on('close', () => sliced.delete(id))
    begin(stream)
    return stream
  }
  const take = (request: IncomingMessage, response: ServerResponse, id: string, body: Buffer) => {
    const slice = decodeUp(body)
    if (!slice) return send(request, response, refusal(400, 'Not a slice.'))
    const stream = find(id, slice.at === 0 && slice.ack === 0)
    // The stream has ended, or this relay has been started anew since.
    if (!stream) return send(request, response, refusal(410, 'Gone.'))
    stream.takeSlice(slice, (down) => {
      const bytes = encodeDown(down)
      response.writeHead(200, withCommonHeaders({ 'content-type': 'application/octet-stream', 'content-length': String(bytes.length) }))
      response.end(bytes)
    })
  }
  return {
    request(request, response, id) {
      if (request.method !== 'POST' || !TUNNEL_ID.test(id)) return send(request, response, refusal(404, 'Nothing here.'))
      const chunks: Buffer[] = []
      let length = 0
      request.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length <= MAX_UP_BODY) chunks.push(chunk)
      })
      request.on('end', () => take(request, response, id, length > MAX_UP_BODY ? Buffer.alloc(0) : Buffer.concat(chunks)))
    },
    upgrade(request, socket, head) {
      if (open.size >= MAX_TUNNELS)
        return void socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      sockets.handleUpgrade(request, socket, head, (opened) => begin(createWebSocketStream(opened)))
    },
    close() {
      for (const stream of open) stream.destroy()
    },
  }
}
