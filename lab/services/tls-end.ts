/** Where TLS ends: a server's side of it over a stream, with the certificate chosen by the name that was asked for. */
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import { type Pulse, whilePending } from '../engine/duplex-pair.ts'
import type { Certificate } from './authority.ts'

/** `null`: the client named nobody. */
export type CertificateFor = (name: string | null) => Certificate | Promise<Certificate>

/** Gives the clear side and the name once the handshake is done; nothing when it comes to nothing, which ends `inner`. */
export function endTls(
  pulse: Pulse,
  inner: Duplex,
  certificateFor: CertificateFor,
  serve: (near: TLSSocket, name: string | null) => void,
): void {
  inner.on('error', () => {})
  const contextFor = async (name: string | null) => createSecureContext(await whilePending(pulse, Promise.resolve(certificateFor(name))))
  const begin = async () => {
    const unnamed = await contextFor(null)
    let name: string | null = null
    const near = new TLSSocket(inner, {
      isServer: true,
      secureContext: unnamed,
      ALPNProtocols: ['http/1.1'],
      SNICallback(asked, done) {
        name = asked
        contextFor(asked).then(
          (context) => done(null, context),
          (error: unknown) => done(error instanceof Error ? error : new Error('no certificate')),
        )
      },
    })
    near.on('error', () => inner.destroy())
    near.once('secure', () => serve(near, name))
  }
  begin().catch(() => inner.destroy())
}
