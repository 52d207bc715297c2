/**
 * The transparent box: ends the client's TLS with a certificate of its own making and opens another TLS to the true server.
 * With an authority that the client accepts, nothing but the relay's proof over the session can tell.
 */
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { dial } from '../engine/dial.ts'
import type { Connect, Engine, Origin, Target } from '../engine/engine.ts'
import { deadline } from './deadline.ts'
import { join } from './proxy.ts'
import { type CertificateFor, endTls } from './tls-end.ts'

const DIAL_TIMEOUT_MS = 10_000

/** `onward`: whose packets the second TLS is made of. */
export function interceptor(
  engine: Engine,
  certificateFor: CertificateFor,
  pair: () => [Duplex, Duplex],
  onward: (from: Origin) => Origin = (from) => ({ ...from, who: 'box', inspected: false }),
): Connect {
  return (from, to) => {
    const [outer, inner] = pair()
    endTls(engine.pulse, inner, certificateFor, (near, name) => {
      forward(engine, onward(from), to, name).then(
        (far) => join(near, far),
        () => near.destroy(),
      )
    })
    return outer
  }
}

async function forward(engine: Engine, from: Origin, to: Target, name: string | null): Promise<Duplex> {
  const limit = deadline(engine.clock, DIAL_TIMEOUT_MS)
  try {
    return await openTls(await dial(engine, from, to, limit.signal), name)
  } finally {
    limit.cancel()
  }
}

/** TLS to a server whoever it says it is. Rejects when there is none. */
export function openTls(socket: Duplex, name: string | null): Promise<Duplex> {
  const far = tlsConnect({ socket, ...(name !== null && { servername: name }), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  return new Promise((resolve, reject) => {
    far.once('secureConnect', () => resolve(far))
    far.once('error', reject)
    far.once('close', () => reject(new Error('ended')))
  })
}
