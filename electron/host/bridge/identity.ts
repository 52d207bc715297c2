/** What a bridge is known by: the key in its certificate and its secret path. Kept in a folder, so that a link stays good; or made anew each time. */
import 'reflect-metadata'
import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import * as v from 'valibot'

const Identity = v.strictObject({ cert: v.string(), key: v.string(), path: v.pipe(v.string(), v.regex(/^\/[A-Za-z0-9_-]{32,}$/)) })
export type BridgeIdentity = v.InferOutput<typeof Identity>

/** In a certificate a name must stand; this one belongs to nobody (RFC 6761). */
export const NOBODY = 'localhost'

const DAY = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** `name`: what its certificate says; for strangers, since friends believe the key alone. Rejects with `RangeError` for a file that is damaged. */
export async function bridgeIdentity(folder: string | null, name: string, now: number): Promise<BridgeIdentity> {
  if (folder === null) return makeIdentity(name, now)
  const file = join(folder, 'bridge.json')
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text !== null) return kept(text)
  const made = await makeIdentity(name, now)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, JSON.stringify(made), { mode: 0o600 })
  await rename(`${file}.new`, file)
  return made
}

function kept(text: string): BridgeIdentity {
  try {
    return v.parse(Identity, JSON.parse(text))
  } catch {
    throw new RangeError('bridge.json is damaged; without it the links given out are worth nothing, so it is left as it is')
  }
}

/** SHA-256 of the public key, base64url. */
export function pinOf(cert: string): string {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64url')
}

async function makeIdentity(name: string, now: number): Promise<BridgeIdentity> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // RFC 5280 section 4.1.2.2: positive and not guessable.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    name: `CN=${name}`,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 3650 * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
    ],
  })
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { cert: certificate.toString('pem'), key, path: `/${randomBytes(24).toString('base64url')}` }
}
