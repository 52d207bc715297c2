/**
 * A WebSocket on a secret path (RFC 6455): binary messages carry the bytes of one stream, to wherever the other side leads it. The
 * way to a bridge that somebody runs, and, with a front's name outside and the relay's in `Host`, to the relay behind a CDN.
 * Defends against: blocks of our addresses and names; probing, for whoever does not know the path meets an ordinary web site.
 * Does not: hide the bridge's address, or from it ours; from a CDN it hides only what TLS inside hides.
 * Cost: one round trip more than TLS; 6 to 14 bytes a message, and encryption twice.
 */
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocket } from 'ws'
import type { Dialer } from '../dialer.ts'
import { classify, DialError } from '../errors.ts'
import type { SocketAddress } from '../network.ts'
import { by } from './hop.ts'

export interface WsBridge extends SocketAddress {
  /** What stands in `Host`. */
  readonly authority: string
  readonly path: string
}

/** Larger than anything TLS inside writes at once. */
const MAX_MESSAGE = 1 << 20

/** `dial` must encrypt. Anything but the upgrade is `proxy-refused` with code `status-NNN`. The target is the other side's choice. */
export function wsBridge(bridge: WsBridge, dial: Dialer): Dialer {
  return by(bridge, dial, (stream) => upgrade(stream, bridge))
}

function upgrade(stream: Duplex, { authority, path }: WsBridge): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const options = {
      // Encrypted already; and what stands behind the authority is not looked up.
      createConnection: () => stream,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE,
    }
    const socket = new WebSocket(`ws://${authority}${path}`, { ...options, followRedirects: false })
    const bytes = createWebSocketStream(socket)
    // Stays on: a later error is told by `close`.
    bytes.on('error', (error) => {
      stream.destroy()
      reject(classify(error))
    })
    stream.on('close', () => reject(classify(stream.errored ?? new DialError('closed'))))
    bytes.on('close', () => stream.destroy())
    // A WebSocket does not close by halves.
    bytes.on('end', () => bytes.destroy())
    socket.once('unexpected-response', (_request, { statusCode }) => {
      reject(new DialError('proxy-refused', `status-${statusCode}`))
      bytes.destroy()
    })
    socket.once('open', () => resolve(bytes))
  })
}
