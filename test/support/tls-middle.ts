/** A box that ends TLS in the middle with a certificate of its own, and passes what it reads on to the real server. */
import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { ownCertificate } from '../../relay/certificate.ts'
import { freshDirectory } from './relay-here.ts'

export interface TlsMiddle {
  readonly port: number
  /** What a client would have to trust for the box to go unnoticed. */
  readonly root: string
  /** Everything the client sent, in clear. */
  readonly read: () => string
  close(): Promise<void>
}

export async function tlsMiddle(name: string, target: { readonly host: string; readonly port: number }): Promise<TlsMiddle> {
  const folder = freshDirectory()
  const { leaf, root } = await ownCertificate(folder, [name], Date.now())
  rmSync(folder, { recursive: true })
  const seen: Buffer[] = []
  const server = createServer({ ...leaf, ALPNProtocols: ['http/1.1'] }, (client) => {
    const onward = connect({ ...target, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    client.on('data', (chunk: Buffer) => seen.push(chunk))
    client.on('error', () => onward.destroy())
    onward.on('error', () => client.destroy())
    client.pipe(onward).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // Listening on TCP, so it is one.
  return {
    port,
    root,
    read: () => Buffer.concat(seen).toString('latin1'),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}
