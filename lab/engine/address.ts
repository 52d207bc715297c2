/** Address literals: canonical spelling, prefixes, and the guard that keeps the lab on this computer. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** A prefix, parsed once. */
export interface Range {
  readonly text: string
  has(address: string): boolean
}

/** One spelling per address. Throws `RangeError` on anything that is not a literal. */
export function canonical(address: string): string {
  if (isIP(address) === 0) throw new RangeError('not an address literal')
  return ipaddr.process(address).toString()
}

/** Throws `RangeError` on anything that is not `address/bits`. */
export function range(text: string): Range {
  if (!isCidr(text)) throw new RangeError(`not a prefix: ${text}`)
  const [network, bits] = ipaddr.parseCIDR(text)
  return {
    text,
    has(address) {
      const parsed = ipaddr.process(address)
      return parsed.kind() === network.kind() && parsed.match(network, bits)
    },
  }
}

export function isCidr(text: string): boolean {
  const [address = '', bits = ''] = text.split('/')
  return isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && ipaddr.isValidCIDR(text)
}

const loopback4 = range('127.0.0.0/8')

/** True for 127.0.0.0/8 and ::1 only; names, also `localhost`, are not asked about. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return false
  const address = canonical(host)
  return address === '::1' || loopback4.has(address)
}

/** Throws `RangeError` unless `host` is a loopback literal: the engine opens sockets to nothing else. */
export function loopbackOnly(host: string): string {
  if (!isLoopback(host)) throw new RangeError('the lab connects to loopback addresses only')
  return host
}

/** Addresses that mean this machine itself or nothing: a real stack never sends packets for them. */
export function isSelf(address: string): boolean {
  return isLoopback(address) || address === '0.0.0.0' || address === '::'
}
