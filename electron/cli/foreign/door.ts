/** A listener on loopback by which somebody else's client comes in. */
import type { Server } from 'node:net'
import type { HostPort } from '../options.ts'

export interface Door {
  readonly port: number
  /** Resolves once nobody is inside any more. */
  close(): Promise<void>
}

/** Resolves with the port; rejects when it cannot listen there. */
export function listening(server: Server, { host, port }: HostPort): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}
