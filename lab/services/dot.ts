/** DNS over TLS (RFC 7858): the messages of DNS over TCP, behind a handshake on a port of their own. */
import type { Duplex } from 'node:stream'
import type { Connect, Engine } from '../engine/engine.ts'
import type { Certificate } from './authority.ts'
import { join } from './proxy.ts'
import type { Resolver } from './resolver.ts'
import { endTls } from './tls-end.ts'

export function dotServer(engine: Engine, resolver: Resolver, certificate: Certificate, pair: () => [Duplex, Duplex]): Connect {
  return (from, asked) => {
    const [outer, inner] = pair()
    endTls(
      engine.pulse,
      inner,
      () => certificate,
      (near) => {
        const answers = resolver.connect(from, asked)
        if (answers instanceof Promise) answers.then((far) => join(near, far)).catch(() => near.destroy())
        else join(near, answers)
      },
      ['dot'],
    )
    return outer
  }
}
