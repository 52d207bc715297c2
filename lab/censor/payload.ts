/** What a box sees in the first bytes of a client: a Host header, or the look of the whole. */
import type { payloadClasses } from './rule.ts'

export type PayloadClass = (typeof payloadClasses)[number]

const methods = /^(?:GET|PUT|POST|HEAD|OPTIONS|DELETE|CONNECT) /

/** The Host of a plain HTTP request, lower case, without its port; `null` when there is none (yet). */
export function httpHost(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.subarray(0, 4096)).toString('latin1')
  if (!methods.test(text)) return null
  const host = /\r\nhost:[ \t]*([^\r\n]+)\r\n/i.exec(text)?.[1]
  return host ? host.trim().toLowerCase().replace(/:\d+$/, '') : null
}

const isPrintable = (byte: number) => byte >= 0x20 && byte <= 0x7e

/**
 * `opaque` is the published rule against fully encrypted traffic (gfw-report/usenixsecurity23-artifact, detect.py): none of its
 * five exemptions holds.
 */
export function classify(bytes: Uint8Array): PayloadClass {
  const text = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  if ((bytes[0] === 0x16 || bytes[0] === 0x17) && bytes[1] === 3 && (bytes[2] ?? 255) <= 0x0f) return 'tls'
  if (methods.test(text)) return 'http'
  if (text.startsWith('SSH-')) return 'ssh'
  return looksOpaque(bytes) ? 'opaque' : 'printable'
}

function looksOpaque(bytes: Uint8Array): boolean {
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
  const startsPrintable = bytes.length >= 6 && bytes.subarray(0, 6).every(isPrintable)
  return mean > 3.4 && mean < 4.6 && !startsPrintable && printable <= bytes.length / 2 && longest <= 20
}
