/**
 * The transparent box: ends the client's TLS with a certificate of its own making and opens another TLS to the true server.
 * With the lab's authority the client accepts it; nothing but the relay's proof over the session can tell.
 */

import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket, connect as tlsConnect } from 'node:tls'
import { dial } from '../engine/dial.ts'
import type { Connect, Engine } from '../engine/engine.ts'
import type { Authority } from './authority.ts'
import { deadline } from './deadline.ts'
import { join } from './proxy.ts'

const DIAL_TIMEOUT_MS = 10_000

export function interceptor(engine: Engine, authority: Authority, pair: () => [Duplex, Duplex]): Connect {
  return (from, to) => {
    const [outer, inner] = pair()
    inner.on('error', () => {})
    let name = ''
    const near = new TLSSocket(inner, {
      isServer: true,
      ALPNProtocols: ['http/1.1'],
      SNICallback(asked, done) {
        name = asked
        authority.issue([asked]).then(
          (certificate) => done(null, createSecureContext(certificate)),
          (error: unknown) => done(error instanceof Error ? error : new Error('no certificate')),
        )
      },
    })
    near.on('error', () => inner.destroy())
    near.once('secure', () => {
      void forward(engine, { ...from, who: 'box', inspected: false }, to, name).then(
        (far) => join(near, far),
        () => near.destroy(),
      )
    })
    return outer
  }
}

async function forward(engine: Engine, from: Parameters<Connect>[0], to: Parameters<Connect>[1], name: string): Promise<Duplex> {
  const limit = deadline(engine.clock, DIAL_TIMEOUT_MS)
  try {
    const socket = await dial(engine, from, to, limit.signal)
    const far = tlsConnect({ socket, servername: name, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    await new Promise<void>((resolve, reject) => {
      far.once('secureConnect', resolve)
      far.once('error', reject)
    })
    return far
  } finally {
    limit.cancel()
  }
}
