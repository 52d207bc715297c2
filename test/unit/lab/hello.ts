/** Real ClientHellos for tests: what Node's own TLS sends, and the same cut up in ways a sender may choose. */
import { connect } from 'node:tls'
import { duplexPair } from '../../../lab/engine/duplex-pair.ts'

/** The first flight of a TLS client that names `servername`. */
export async function clientHello(servername: string): Promise<Buffer> {
  const [near, far] = duplexPair()
  far.on('error', () => {})
  const socket = connect({ socket: near, ...(servername === '' ? {} : { servername }) })
  socket.on('error', () => {})
  const bytes = await new Promise<Buffer>((resolve) => far.once('data', resolve))
  socket.destroy()
  near.destroy()
  return bytes
}

/** The same handshake message in two TLS records, cut `at` bytes into its body (RFC 8446 section 5.1 allows it). */
export function splitRecord(hello: Buffer, at: number): Buffer {
  const body = hello.subarray(5)
  const record = (part: Buffer) => Buffer.concat([hello.subarray(0, 3), Buffer.from([part.length >> 8, part.length & 255]), part])
  return Buffer.concat([record(body.subarray(0, at)), record(body.subarray(at))])
}
