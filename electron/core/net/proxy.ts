/** Dialers that go through somebody else's computer: SOCKS5 (RFC 1928, 1929) and HTTP CONNECT (RFC 9110 section 9.3.6). */
import type { Duplex } from 'node:stream'
import ipaddr from 'ipaddr.js'
import { concat, utf8 } from '../../../shared/util/bytes.ts'
import type { Dialer } from './dialer.ts'
import { classify, DialError } from './errors.ts'
import type { SocketAddress } from './network.ts'
import { readExactly, readUntil } from './read-stream.ts'

export interface Proxy extends SocketAddress {
  readonly kind: 'socks5' | 'http-connect'
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** Largest answer to CONNECT that is read. */
const MAX_HEAD = 8_192

/** Wraps a dialer so that its connections lead through `proxy`. What the proxy says no to is `proxy-refused`, with its own code. */
export function through(proxy: Proxy, dial: Dialer): Dialer {
  const greet = proxy.kind === 'socks5' ? socks5 : httpConnect
  return async (to, signal) => {
    const stream = await dial(proxy, signal)
    const onAbort = () => stream.destroy()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await greet(stream, proxy, to, signal)
      return stream
    } catch (error) {
      stream.destroy()
      signal.throwIfAborted()
      throw classify(error)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

async function socks5(stream: Duplex, { username, password }: Proxy, to: SocketAddress, signal: AbortSignal): Promise<void> {
  const offered = username === undefined ? 0 : 2
  stream.write(Uint8Array.of(5, 1, offered))
  const [version, method] = await readExactly(stream, 2, signal)
  // RFC 1928 section 3: 255 is "no acceptable methods"; any method that was not offered is as little use.
  if (version !== 5) throw new DialError('proxy-refused', 'not-socks5')
  if (method !== offered) throw new DialError('proxy-refused', `method-${method}`)
  if (username !== undefined) {
    const [name, word] = [utf8(username), utf8(password ?? '')]
    stream.write(concat(Uint8Array.of(1, name.length), name, Uint8Array.of(word.length), word))
    const [, status] = await readExactly(stream, 2, signal)
    if (status !== 0) throw new DialError('proxy-refused', 'credentials')
  }
  stream.write(concat(Uint8Array.of(5, 1, 0), socksAddress(to.address), Uint8Array.of(to.port >>> 8, to.port & 255)))
  const [replyVersion, reply, , type] = await readExactly(stream, 4, signal)
  if (replyVersion !== 5) throw new DialError('proxy-refused', 'not-socks5')
  if (reply !== 0) throw new DialError('proxy-refused', `reply-${reply}`)
  // RFC 1928 section 6: the bound address follows, of a length that depends on its type; it tells us nothing.
  await readExactly(stream, (await boundLength(stream, type, signal)) + 2, signal)
}

async function boundLength(stream: Duplex, type: number | undefined, signal: AbortSignal): Promise<number> {
  if (type === 1) return 4
  if (type === 4) return 16
  if (type === 3) return (await readExactly(stream, 1, signal))[0] ?? 0
  throw new DialError('proxy-refused', 'not-socks5')
}

function socksAddress(literal: string): Uint8Array {
  const address = ipaddr.parse(literal)
  return Uint8Array.of(address.kind() === 'ipv4' ? 1 : 4, ...address.toByteArray())
}

async function httpConnect(stream: Duplex, { username, password }: Proxy, to: SocketAddress, signal: AbortSignal): Promise<void> {
  const authority = to.address.includes(':') ? `[${to.address}]:${to.port}` : `${to.address}:${to.port}`
  const leave =
    username === undefined ? '' : `Proxy-Authorization: Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}\r\n`
  stream.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${leave}\r\n`)
  const head = (await readUntil(stream, '\r\n\r\n', MAX_HEAD, signal)).toString('latin1')
  const status = head.match(/^HTTP\/1\.[01] (\d{3})[ \r]/)?.[1]
  if (status === undefined) throw new DialError('proxy-refused', 'not-http')
  if (!status.startsWith('2')) throw new DialError('proxy-refused', `status-${status}`)
}
