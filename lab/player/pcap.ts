/**
 * A capture file of what clients sent and received, as packet analysers read it: the bytes are the real ones; the IP, TCP and UDP
 * headers around them are made here, consistent with each other. Addresses outside the simulated ranges never get into it.
 */
import type { Captured } from '../engine/capture.ts'
import { isVirtual } from '../engine/world.ts'
import { ACK, type Address, FIN, ip, PSH, parseAddress, RST, SYN, tcp, udp } from './ip-packet.ts'

export interface Recording {
  /** `at`: milliseconds since 1970, with their fractions. */
  add(packet: Captured, at: number): void
  /** The file so far. */
  file(): Uint8Array<ArrayBuffer>
  readonly packets: number
  /** Not in the file: it was full, or their address lies outside the simulated ranges. */
  readonly leftOut: { readonly full: number; readonly foreign: number }
  clear(): void
}

/** Without its 24 bytes of head. */
export const MAX_BYTES = 32 * 1024 * 1024
/** Larger segments of the lab are several packets on a wire of 1500 bytes. */
const MSS = 1440
/** RFC 6335 section 6: ports that nobody has been given. */
const FIRST_PORT = 49_152
const PORTS = 16_384

interface Stream {
  readonly port: number
  /** Next sequence number of each side. */
  up: number
  down: number
  /** Nothing is said after a reset. */
  over: boolean
}

export function createRecording(maxBytes = MAX_BYTES): Recording {
  let records: Buffer[] = []
  let size = 0
  let leftOut = { full: 0, foreign: 0 }
  const streams = new Map<number, Stream>()

  const streamOf = (flow: number): Stream => {
    let stream = streams.get(flow)
    if (!stream) {
      // Any start will do; one that depends on the flow keeps two connections over the same ports apart.
      stream = { port: FIRST_PORT + (flow % PORTS), up: (flow * 65_537) >>> 0, down: (flow * 131_071 + 7) >>> 0, over: false }
      streams.set(flow, stream)
    }
    return stream
  }
  const keep = (packet: Buffer, at: number) => {
    if (size + 16 + packet.length > maxBytes) {
      leftOut = { ...leftOut, full: leftOut.full + 1 }
      return
    }
    const head = Buffer.alloc(16)
    head.writeUInt32LE(Math.floor(at / 1000), 0)
    head.writeUInt32LE(Math.floor((at % 1000) * 1000), 4)
    head.writeUInt32LE(packet.length, 8)
    head.writeUInt32LE(packet.length, 12)
    records.push(head, packet)
    size += 16 + packet.length
  }
  const addTcp = (packet: Captured, client: Address, server: Address, at: number) => {
    const stream = streamOf(packet.flow)
    if (stream.over) return
    const send = (isUp: boolean, flags: number, seq: number, ack: number, bytes: Uint8Array) => {
      const [source, target] = isUp ? [client, server] : [server, client]
      const [from, to] = isUp ? [stream.port, packet.to.port] : [packet.to.port, stream.port]
      keep(ip(source, target, 6, tcp({ source, target, from, to, seq, ack, flags, bytes })), at)
    }
    const isUp = packet.direction === 'up'
    const side = isUp ? 'up' : 'down'
    const acked = stream[isUp ? 'down' : 'up']
    switch (packet.what) {
      case 'syn':
        // The same SYN each time it is tried.
        return send(true, SYN, stream.up, 0, packet.bytes)
      case 'opened':
        stream.up = (stream.up + 1) >>> 0
        send(false, SYN | ACK, stream.down, stream.up, packet.bytes)
        stream.down = (stream.down + 1) >>> 0
        return send(true, ACK, stream.up, stream.down, packet.bytes)
      case 'data': {
        let seq = stream[side]
        for (let from = 0; from < packet.bytes.length; from += MSS) {
          const part = packet.bytes.subarray(from, from + MSS)
          send(isUp, PSH | ACK, seq, acked, part)
          seq = (seq + part.length) >>> 0
        }
        if (!packet.again) stream[side] = seq
        return
      }
      case 'fin':
        send(isUp, FIN | ACK, stream[side], acked, packet.bytes)
        if (!packet.again) stream[side] = (stream[side] + 1) >>> 0
        return
      case 'reset':
        send(isUp, RST | ACK, stream[side], acked, packet.bytes)
        stream.over = true
    }
  }

  return {
    add(packet, at) {
      if (!isVirtual(packet.from) || !isVirtual(packet.to.address)) {
        leftOut = { ...leftOut, foreign: leftOut.foreign + 1 }
        return
      }
      const server = parseAddress(packet.to.address)
      const client = parseAddress(packet.from, server.version)
      if (packet.protocol === 'tcp') return addTcp(packet, client, server, at)
      const port = FIRST_PORT + (packet.flow % PORTS)
      const [source, target] = packet.direction === 'up' ? [client, server] : [server, client]
      const [from, to] = packet.direction === 'up' ? [port, packet.to.port] : [packet.to.port, port]
      keep(ip(source, target, 17, udp({ source, target, from, to, bytes: packet.bytes })), at)
    },
    file: () => Buffer.concat([fileHead(), ...records]),
    get packets() {
      return records.length / 2
    },
    get leftOut() {
      return leftOut
    },
    clear() {
      records = []
      size = 0
      leftOut = { full: 0, foreign: 0 }
      streams.clear()
    },
  }
}

/** draft-ietf-opsawg-pcap section 4; LINKTYPE_RAW (101): a record begins with an IPv4 or IPv6 header. */
function fileHead(): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(65_535, 16)
  head.writeUInt32LE(101, 20)
  return head
}
