/** A stranger who looks, from some place, whether a machine still serves: over TLS, all the way to an answer. */
import { connect, createSecureContext, type SecureContext } from 'node:tls'
import { dial } from '../engine/dial.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import { deadline } from './deadline.ts'

const PATIENCE_MS = 2500
/** What a game of its own protocol speaks, where an `echo` listens. */
const OWN_PORT = 8388
const OWN_BYTES = 180

/** What a stranger believes: the authority `root`. Made once, for making it takes longer than a handshake. */
export function trustIn(root: string): SecureContext {
  return createSecureContext({ ca: root })
}

/** True when `/health` answered 200 with a certificate that `trust` accepts. Never rejects. */
export async function isWell(engine: Engine, from: Origin, host: Host, trust: SecureContext): Promise<boolean> {
  const limit = deadline(engine.clock, PATIENCE_MS)
  const { signal } = limit
  try {
    const socket = await dial(engine, from, { address: host.addresses[0] ?? '', port: 443 }, signal)
    const tls = connect({ socket, servername: host.names[0] ?? '', secureContext: trust, ALPNProtocols: ['http/1.1'] })
    try {
      return await new Promise<boolean>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        tls.once('error', reject)
        tls.once('secureConnect', () => tls.write(`GET /health HTTP/1.1\r\nHost: ${host.names[0]}\r\nConnection: close\r\n\r\n`))
        tls.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1').startsWith('HTTP/1.1 200')))
        tls.once('close', () => resolve(false))
      })
    } finally {
      tls.destroy()
      socket.destroy()
    }
  } catch {
    return false
  } finally {
    limit.cancel()
  }
}

/** True when a server with a protocol of its own answers twice, each time with what it was told. Never rejects. */
export async function echoes(engine: Engine, from: Origin, host: Host): Promise<boolean> {
  const limit = deadline(engine.clock, PATIENCE_MS)
  const { signal } = limit
  try {
    const stream = await dial(engine, from, { address: host.addresses[0] ?? '', port: OWN_PORT }, signal)
    try {
      for (let round = 0; round < 2; round++) {
        await new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          stream.once('error', reject)
          stream.once('close', () => reject(new Error('closed')))
          stream.once('data', () => resolve())
          stream.write(engine.random.bytes(OWN_BYTES))
        })
      }
      return true
    } finally {
      stream.destroy()
    }
  } catch {
    return false
  } finally {
    limit.cancel()
  }
}

/** True when a connection opens: for what proves itself to its own clients only. Never rejects. */
export async function isOpen(engine: Engine, from: Origin, address: string): Promise<boolean> {
  const limit = deadline(engine.clock, PATIENCE_MS)
  try {
    const stream = await dial(engine, from, { address, port: 443 }, limit.signal)
    stream.destroy()
    return true
  } catch {
    return false
  } finally {
    limit.cancel()
  }
}
