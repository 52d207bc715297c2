/** IP, TCP and UDP headers around given bytes, with right lengths and checksums. Knows nothing of flows. */
import ipaddr from 'ipaddr.js'

export interface Address {
  readonly version: 4 | 6
  readonly bytes: Uint8Array
}

export const FIN = 0x01
export const SYN = 0x02
export const RST = 0x04
export const PSH = 0x08
export const ACK = 0x10

/** In a packet of version 6 an IPv4 machine of the lab is shown under 2001:db8:4::/96, for both ends must be of one version. */
export function parseAddress(text: string, version?: 4 | 6): Address {
  const bytes = Uint8Array.from(ipaddr.parse(text).toByteArray())
  if (bytes.length === 16) return { version: 6, bytes }
  if (version !== 6) return { version: 4, bytes }
  return { version: 6, bytes: Uint8Array.from([0x20, 0x01, 0x0d, 0xb8, 0, 4, 0, 0, 0, 0, 0, 0, ...bytes]) }
}

/** RFC 791 section 3.1, RFC 8200 section 3. */
export function ip(source: Address, target: Address, protocol: number, payload: Uint8Array): Buffer {
  if (source.version === 6) {
    const head = Buffer.alloc(40)
    head.writeUInt8(0x60, 0)
    head.writeUInt16BE(payload.length, 4)
    head.writeUInt8(protocol, 6)
    head.writeUInt8(64, 7)
    head.set(source.bytes, 8)
    head.set(target.bytes, 24)
    return Buffer.concat([head, payload])
  }
  const head = Buffer.alloc(20)
  head.writeUInt8(0x45, 0)
  head.writeUInt16BE(20 + payload.length, 2)
  // Don't fragment.
  head.writeUInt16BE(0x4000, 6)
  head.writeUInt8(64, 8)
  head.writeUInt8(protocol, 9)
  head.set(source.bytes, 12)
  head.set(target.bytes, 16)
  head.writeUInt16BE(checksum([head]), 10)
  return Buffer.concat([head, payload])
}

interface Ends {
  readonly source: Address
  readonly target: Address
  readonly from: number
  readonly to: number
  readonly bytes: Uint8Array
}

/** RFC 9293 section 3.1. */
export function tcp(segment: Ends & { readonly seq: number; readonly ack: number; readonly flags: number }): Buffer {
  const head = Buffer.alloc(20)
  head.writeUInt16BE(segment.from, 0)
  head.writeUInt16BE(segment.to, 2)
  head.writeUInt32BE(segment.seq, 4)
  head.writeUInt32BE(segment.ack, 8)
  head.writeUInt8(5 << 4, 12)
  head.writeUInt8(segment.flags, 13)
  head.writeUInt16BE(65_535, 14)
  const packet = Buffer.concat([head, segment.bytes])
  packet.writeUInt16BE(checksum([pseudoHead(segment, 6, packet.length), packet]), 16)
  return packet
}

/** RFC 768: a sum of zero is sent as all ones. */
export function udp(datagram: Ends): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(datagram.from, 0)
  head.writeUInt16BE(datagram.to, 2)
  head.writeUInt16BE(8 + datagram.bytes.length, 4)
  const packet = Buffer.concat([head, datagram.bytes])
  packet.writeUInt16BE(checksum([pseudoHead(datagram, 17, packet.length), packet]) || 0xffff, 6)
  return packet
}

/** RFC 9293 section 3.1 and RFC 8200 section 8.1: the sum covers both addresses, protocol and length, of either version. */
function pseudoHead({ source, target }: Ends, protocol: number, length: number): Buffer {
  const tail = Buffer.alloc(8)
  tail.writeUInt32BE(length, 0)
  tail.writeUInt32BE(protocol, 4)
  return Buffer.concat([source.bytes, target.bytes, tail])
}

/** RFC 1071. Every part but the last has an even length. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    for (let i = 0; i + 1 < part.length; i += 2) sum += part.readUInt16BE(i)
    if (part.length % 2 === 1) sum += part.readUInt8(part.length - 1) << 8
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
