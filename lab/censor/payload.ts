/** What a box sees in the first bytes of a client: a Host header, or the look of the whole. */
import { questionOf } from '../engine/dns-message.ts'
import type { Protocol, payloadClasses } from './rule.ts'

export type PayloadClass = (typeof payloadClasses)[number]

const methods = /^(?:GET|PUT|POST|HEAD|OPTIONS|DELETE|CONNECT) /

/** A box looks for a Host header in so many bytes. */
export const HEAD_BYTES = 4096

/** The Host of a plain HTTP request, lower case, without its port; `null` when there is none (yet). */
export function httpHost(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1')
  if (!methods.test(text)) return null
  const host = /\r\nhost:[ \t]*([^\r\n]+)\r\n/i.exec(text)?.[1]
  return host ? host.trim().toLowerCase().replace(/:\d+$/, '') : null
}

const isPrintable = (byte: number) => byte >= 0x20 && byte <= 0x7e
const startsLikeTls = (bytes: Uint8Array) => (bytes[0] === 0x16 || bytes[0] === 0x17) && bytes[1] === 3 && (bytes[2] ?? 255) <= 0x0f

export function classify(bytes: Uint8Array): PayloadClass {
  if (startsLikeTls(bytes)) return 'tls'
  const text = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  if (methods.test(text)) return 'http'
  if (text.startsWith('SSH-')) return 'ssh'
  return isFullyEncrypted(bytes) ? 'opaque' : 'printable'
}

/** DNS behind its two bytes of length (RFC 7766 section 8), a plain HTTP request, a TLS record; `null` for anything else. */
export function protocolOf(bytes: Uint8Array): Protocol | null {
  if (startsLikeTls(bytes)) return 'tls'
  if (methods.test(Buffer.from(bytes.subarray(0, 16)).toString('latin1'))) return 'http'
  return bytes.length > 2 && questionOf(bytes.subarray(2)) ? 'dns' : null
}

/**
 * The published rule against fully encrypted traffic, on the first payload of a client alone: true when none of its five
 * exemptions holds. Source: gfw-report/usenixsecurity23-artifact, artifacts/utils/detect.py.
 */
export function isFullyEncrypted(bytes: Uint8Array): boolean {
  let bits = 0
  let printable = 0
  let run = 0
  let longest = 0
  for (const byte of bytes) {
    for (let rest = byte; rest > 0; rest &= rest - 1) bits++
    run = isPrintable(byte) ? run + 1 : 0
    if (run > 0) printable++
    longest = Math.max(longest, run)
  }
  const mean = bits / Math.max(1, bytes.length)
  if (mean <= 3.4 || mean >= 4.6) return false
  if (bytes.length >= 6 && bytes.subarray(0, 6).every(isPrintable)) return false
  if (printable > bytes.length / 2 || longest > 20) return false
  return !startsLikeTls(bytes) && !/^(?:GET|PUT|POST|HEAD) /.test(Buffer.from(bytes.subarray(0, 5)).toString('latin1'))
}
