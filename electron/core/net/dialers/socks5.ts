/**
 * SOCKS5 (RFC 1928), without or with user name and password (RFC 1929).
 * Defends against: blocks of our addresses and names, wherever the proxy itself can be reached.
 * Does not: hide that a proxy is used; greeting and target go in clear, and the proxy sees our address and where we go.
 * Cost: two round trips to the proxy (three with a password), one where it takes everything in one flight.
 */
import type { Duplex } from 'node:stream'
import ipaddr from 'ipaddr.js'
import { concat, utf8 } from '../../../../shared/util/bytes.ts'
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Dialer } from '../dialer.ts'
import { DialError } from '../errors.ts'
import type { SocketAddress } from '../network.ts'
import { readExactly } from '../read-stream.ts'
import { by } from './hop.ts'

export interface SocksProxy extends SocketAddress {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** It takes greeting, password and request in one flight. */
  readonly pipelined?: boolean | undefined
}

/** A proxy that read the greeting and lost what came with it never answers the request: it gets no more than this. */
const LOST_MS = 1_500

/**
 * What the proxy says no to is `proxy-refused` with its own code: `credentials`, `reply-N`, `method-N`, `not-socks5`. One that was said to
 * take everything in one flight and does not is dialled again, step by step.
 */
export function socks5(proxy: SocksProxy, dial: Dialer, clock: Clock): Dialer {
  const steps = by(proxy, dial, (stream, to, signal) => inSteps(stream, proxy, to, signal))
  if (!proxy.pipelined) return steps
  const once = by(proxy, dial, (stream, to, signal) => inOneFlight(stream, proxy, to, signal, clock))
  return async (to, signal) => {
    try {
      return await once(to, signal)
    } catch (error) {
      signal.throwIfAborted()
      const isVerdict = error instanceof DialError && /^(credentials|reply-|method-)/.test(error.code)
      const isUnreachable = error instanceof DialError && (error.reason === 'refused' || error.reason === 'unreachable')
      if (isVerdict || isUnreachable) throw error
      return steps(to, signal)
    }
  }
}

async function inSteps(stream: Duplex, proxy: SocksProxy, to: SocketAddress, signal: AbortSignal): Promise<Duplex> {
  stream.write(greeting(proxy))
  await readMethod(stream, proxy, signal)
  if (proxy.username !== undefined) {
    stream.write(credentials(proxy.username, proxy.password))
    await readAdmission(stream, signal)
  }
  stream.write(request(to))
  await readReply(stream, signal)
  return stream
}

async function inOneFlight(stream: Duplex, proxy: SocksProxy, to: SocketAddress, signal: AbortSignal, clock: Clock): Promise<Duplex> {
  const password = proxy.username === undefined ? new Uint8Array() : credentials(proxy.username, proxy.password)
  stream.write(concat(greeting(proxy), password, request(to)))
  await readMethod(stream, proxy, signal)
  const lost = clock.after(LOST_MS, () => stream.destroy(new DialError('proxy-refused', 'lost-request')))
  try {
    if (proxy.username !== undefined) await readAdmission(stream, signal)
    await readReply(stream, signal)
    return stream
  } finally {
    lost.cancel()
  }
}

const greeting = ({ username }: SocksProxy) => Uint8Array.of(5, 1, username === undefined ? 0 : 2)

function credentials(username: string, password = ''): Uint8Array {
  const [name, word] = [utf8(username), utf8(password)]
  return concat(Uint8Array.of(1, name.length), name, Uint8Array.of(word.length), word)
}

function request({ address, port }: SocketAddress): Uint8Array {
  const target = ipaddr.parse(address)
  return Uint8Array.of(5, 1, 0, target.kind() === 'ipv4' ? 1 : 4, ...target.toByteArray(), port >>> 8, port & 255)
}

async function readMethod(stream: Duplex, { username }: SocksProxy, signal: AbortSignal): Promise<void> {
  const [version, method] = await readExactly(stream, 2, signal)
  // RFC 1928 section 3: 255 is "no acceptable methods"; any method that was not offered is as little use.
  if (version !== 5) throw new DialError('proxy-refused', 'not-socks5')
  if (method !== (username === undefined ? 0 : 2)) throw new DialError('proxy-refused', `method-${method}`)
}

async function readAdmission(stream: Duplex, signal: AbortSignal): Promise<void> {
  const [, status] = await readExactly(stream, 2, signal)
  if (status !== 0) throw new DialError('proxy-refused', 'credentials')
}

async function readReply(stream: Duplex, signal: AbortSignal): Promise<void> {
  const [version, reply, , type] = await readExactly(stream, 4, signal)
  if (version !== 5) throw new DialError('proxy-refused', 'not-socks5')
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
