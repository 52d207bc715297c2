/**
 * HTTP CONNECT (RFC 9110 section 9.3.6), in clear, or inside TLS when it is given a dialer that encrypts: the TLS bridge.
 * Defends against: as SOCKS5 does; inside TLS the way to the bridge also shows neither the target nor that it is a proxy.
 * Does not: hide the bridge's address, nor, in clear, anything; who asks a bridge without its password learns that it is one.
 * Cost: one round trip to the proxy; inside TLS one more, and encryption twice.
 */
import type { Duplex } from 'node:stream'
import type { Dialer } from '../dialer.ts'
import { DialError } from '../errors.ts'
import type { SocketAddress } from '../network.ts'
import { readUntil } from '../read-stream.ts'
import { by } from './hop.ts'

export interface ConnectProxy extends SocketAddress {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** Largest answer to CONNECT that is read. */
const MAX_HEAD = 8_192

/** What the proxy says no to is `proxy-refused` with code `status-NNN` or `not-http`. */
export function httpConnect(proxy: ConnectProxy, dial: Dialer): Dialer {
  return by(proxy, dial, async (stream: Duplex, to, signal) => {
    const authority = to.address.includes(':') ? `[${to.address}]:${to.port}` : `${to.address}:${to.port}`
    stream.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${leave(proxy)}\r\n`)
    const head = (await readUntil(stream, '\r\n\r\n', MAX_HEAD, signal)).toString('latin1')
    const status = head.match(/^HTTP\/1\.[01] (\d{3})[ \r]/)?.[1]
    if (status === undefined) throw new DialError('proxy-refused', 'not-http')
    if (!status.startsWith('2')) throw new DialError('proxy-refused', `status-${status}`)
    return stream
  })
}

function leave({ username, password }: ConnectProxy): string {
  if (username === undefined) return ''
  return `Proxy-Authorization: Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}\r\n`
}
