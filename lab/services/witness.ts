/** What an ordinary program meets, in one or two words read from the bytes alone: nothing here knows what the lab does to it. */
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import packet from 'dns-packet'
import { dial } from '../engine/dial.ts'
import type { Engine, Origin, Target } from '../engine/engine.ts'

interface Asked {
  readonly name: string
  readonly path: string
}

const MAX_HEAD = 8192

/** `answer A,B` in their order, `nxdomain`, `empty`, or `error`. */
export function answerOf(bytes: Uint8Array): string {
  const message = packet.decode(Buffer.from(bytes))
  // The typings leave out what dns-packet adds on decoding.
  const rcode = 'rcode' in message ? String(message.rcode) : ''
  if (rcode === 'NXDOMAIN') return 'nxdomain'
  if (rcode !== 'NOERROR') return 'error'
  const addresses = (message.answers ?? []).flatMap((answer) => (answer.type === 'A' || answer.type === 'AAAA' ? [answer.data] : []))
  return addresses.length === 0 ? 'empty' : `answer ${addresses.join(',')}`
}

/** The code of an error as Node gives it, `timeout`, or `ended`. */
export function outcomeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout'
  return error instanceof Error && 'code' in error ? String(error.code) : 'ended'
}

/** `status 200`, and where it sends people. Rejects as the connection does. */
export async function requestPlain(engine: Engine, from: Origin, to: Target, asked: Asked, signal: AbortSignal): Promise<string> {
  const stream = await dial(engine, from, to, signal)
  try {
    return await request(stream, asked, signal)
  } finally {
    stream.destroy()
  }
}

/** The same over TLS whose certificate is checked for the name, as every program does; rejects with Node's code when it fails. */
export async function requestSecure(
  engine: Engine,
  from: Origin,
  to: Target,
  asked: Asked,
  roots: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const socket = await dial(engine, from, to, signal)
  try {
    const tls = tlsConnect({ socket, servername: asked.name, ca: [...roots], ALPNProtocols: ['http/1.1'] })
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        tls.once('secureConnect', resolve)
        tls.once('error', reject)
        tls.once('close', () => reject(new Error('ended')))
      })
      return await request(tls, asked, signal)
    } finally {
      tls.destroy()
    }
  } finally {
    socket.destroy()
  }
}

function request(stream: Duplex, { name, path }: Asked, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = ''
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    stream.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1')
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]
      if (!head.includes('\r\n\r\n') && head.length < MAX_HEAD) return
      const location = /\r\nlocation: *([^\r\n]+)/i.exec(head)?.[1]
      if (status === undefined) reject(new Error('no answer of HTTP'))
      else resolve(location === undefined ? `status ${status}` : `status ${status} ${location}`)
    })
    stream.once('error', reject)
    stream.once('close', () => reject(new Error('ended')))
    stream.write(`GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
  })
}
