/**
 * A client that writes and counts packets as text over its own WebSocket framing: what it costs must not become the measure. Every
 * message is a packet and a frame of its own; those that answer what came in one read leave in one write.
 */
import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { EXPORTER_BYTES, EXPORTER_LABEL, type RequestInput } from '../../../shared/protocol/relay.ts'
import { keyOf, openTls, type RelayAddress, signedLogin, type TestIdentity } from '../../support/relay-client.ts'

const TEXT_BYTES = 200
/** More than anybody has under way. */
const RING = 1024

export interface Person {
  /** Keeps `window` messages under way until `pause`. */
  start(window: number): void
  pause(): void
  /** One more message. */
  say(): void
  leave(): void
  readonly counts: { sent: number; acked: number; delivered: number }
  /** Milliseconds from sending to acknowledgement; the reader may empty it. */
  readonly latencies: number[]
}

/** Resolves when the relay has said hello; rejects when it refuses the login. */
export async function enter(address: RelayAddress, identity: TestIdentity, peer: TestIdentity): Promise<Person> {
  const connection = await openTls(address)
  const exporter = connection.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
  const message: Omit<RequestInput<'message.send'>, 'cid'> = {
    turn: 0,
    to: peer.handle,
    toKey: keyOf(peer),
    body: { kind: 'text', text: 'x'.repeat(TEXT_BYTES) },
  }
  const head = `["message.send",${JSON.stringify(message).slice(0, -1)},"cid":`
  const counts = { sent: 0, acked: 0, delivered: 0 }
  const latencies: number[] = []
  const sentAt = new Float64Array(RING)
  let isSending = false
  let outgoing = ''
  const say = () => {
    counts.sent += 1
    sentAt[counts.sent % RING] = performance.now()
    outgoing += maskedFrame(`42${counts.sent}${head}${counts.sent}}]`)
  }
  const flush = () => {
    if (outgoing !== '') connection.write(outgoing, 'latin1')
    outgoing = ''
  }
  const acknowledged = (packet: string) => {
    if (!packet.includes('"ok":true')) throw new Error(packet)
    const id = Number(packet.slice(2, packet.indexOf('[')))
    latencies.push(performance.now() - (sentAt[id % RING] ?? 0))
    counts.acked += 1
    if (isSending) say()
  }
  await new Promise<void>((resolve, reject) => {
    connection.once('close', () => reject(new Error('closed before the hello')))
    // engine.io and socket.io packet types: 0 open, 2 ping, 40 connected, 42 event, 43 acknowledgement, 44 refused.
    onPacket(connection, address.name, (packet) => {
      if (packet.startsWith('43')) acknowledged(packet)
      else if (packet.startsWith('42["items"')) counts.delivered += packet.split('"kind":"message"').length - 1
      else if (packet.startsWith('42["hello"')) resolve()
      else if (packet.startsWith('44')) reject(new Error(packet))
      else if (packet === '2') outgoing += maskedFrame('3')
      else if (packet.startsWith('0')) {
        outgoing += maskedFrame(`40${JSON.stringify(signedLogin(identity, JSON.parse(packet.slice(1)).sid, exporter))}`)
      }
    })
    // After every packet of a read has been looked at.
    connection.on('data', flush)
  })
  return {
    counts,
    latencies,
    start(window) {
      isSending = true
      for (let i = 0; i < window; i++) say()
      flush()
    },
    pause() {
      isSending = false
    },
    say() {
      say()
      flush()
    },
    leave: () => void connection.destroy(),
  }
}

/** Asks for a WebSocket (RFC 6455 section 4.1) and hands over each packet that comes, as text. */
function onPacket(connection: TLSSocket, host: string, take: (packet: string) => void): void {
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  let isUpgraded = false
  connection.on('data', (chunk: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    if (!isUpgraded) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) return
      isUpgraded = true
      rest = rest.subarray(end + 4)
    }
    for (let frame = payloadAt(rest); frame; frame = payloadAt(rest)) {
      take(rest.toString('latin1', frame.start, frame.end))
      rest = rest.subarray(frame.end)
    }
  })
  const head = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ]
  connection.write(`${head.join('\r\n')}\r\n\r\n`)
}

/** Where the payload of the first frame lies, if all of it is there (RFC 6455 section 5.2; a server masks nothing). */
function payloadAt(bytes: Buffer): { start: number; end: number } | null {
  if (bytes.length < 2) return null
  const short = (bytes[1] ?? 0) & 0x7f
  const start = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < start) return null
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  return bytes.length < start + length ? null : { start, end: start + length }
}

/** A text frame as Latin-1, with the masking key 0: the server takes off what it finds, and here it costs nothing to put on. */
function maskedFrame(text: string): string {
  const { length } = text
  const size = length < 126 ? String.fromCharCode(0x80 | length) : `\xfe${String.fromCharCode(length >> 8, length & 0xff)}`
  return `\x81${size}\0\0\0\0${text}`
}
