/** TLS 1.3 over a connected stream. Who is at the other end is checked against given roots and one host name, or one key, nothing else. */
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { type Certificate, checkServerIdentity, connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { classify, DialError } from './errors.ts'

export interface TlsTarget {
  /** The name the certificate must carry. */
  readonly host: string
  /** The name shown in clear; `null` sends none. */
  readonly sni: string | null
  /** PEM; an empty list trusts nobody. */
  readonly roots: readonly string[]
  /** SHA-256 of the one public key that is believed, base64url; roots and host then do not count. */
  readonly pin?: string | undefined
  /** What is to be spoken inside (ALPN); HTTP unless said. */
  readonly protocol?: string
}

const contexts = new WeakMap<readonly string[], SecureContext>()

/** Parsing a list of roots takes longer than a handshake, so each list is parsed once. */
function contextFor(roots: readonly string[]): SecureContext {
  const known = contexts.get(roots)
  if (known) return known
  const context = createSecureContext({ ca: [...roots], minVersion: 'TLSv1.3' })
  contexts.set(roots, context)
  return context
}

/**
 * Resolves once the handshake is done and the certificate accepted. On anything else `stream` is destroyed, and it rejects
 * with the signal's reason or a `DialError`: `certificate` with Node's code and the issuer, `reset`, `closed` (an orderly end
 * before the handshake was done), `failed`.
 */
export function encrypt(
  stream: Duplex,
  { host, sni, roots, pin, protocol = 'http/1.1' }: TlsTarget,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      stream.destroy()
      reject(signal.reason)
      return
    }
    const socket = connect({
      socket: stream,
      secureContext: contextFor(roots),
      minVersion: 'TLSv1.3',
      ALPNProtocols: [protocol],
      ...(sni === null ? {} : { servername: sni }),
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
      // Node would destroy the session before the issuer could be read. `secureConnect` below accepts none that is not authorised.
      rejectUnauthorized: false,
    })
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const fail = (error: unknown) =>
      settle(() => {
        socket.destroy()
        stream.destroy()
        reject(error)
      })
    const onAbort = () => fail(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    // Stays on for the session's life: a later error is told by `close`.
    socket.on('error', (error) => fail(classify(error)))
    socket.on('close', () => {
      stream.destroy()
      fail(new DialError('closed'))
    })
    socket.once('secureConnect', () => {
      if (pin === undefined ? socket.authorized : pin === pinOf(socket)) settle(() => resolve(socket))
      else if (pin !== undefined) fail(new DialError('certificate', 'other-key', issuerOf(socket)))
      else fail(new DialError('certificate', String(socket.authorizationError), issuerOf(socket)))
    })
  })
}

function pinOf(socket: TLSSocket): string {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
  return key ? createHash('sha256').update(key).digest('base64url') : ''
}

function issuerOf(socket: TLSSocket): string {
  const { issuer } = socket.getPeerCertificate()
  // Absent when the other side sent no certificate at all, whatever the type says.
  const named: Partial<Certificate> | undefined = issuer
  return [named?.CN ?? named?.O ?? ''].flat().join(', ')
}
