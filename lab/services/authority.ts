/**
 * The certificate authority of the simulated world. It signs for names under .test only and is trusted by nothing but bundles
 * of this lab. Kept in `dataDir`, so that a restart changes no certificate.
 */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import * as v from 'valibot'

export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  /** PEM of the authority itself. */
  readonly root: string
  /** One certificate for all of `names`; the same again for the same names while it is valid. PEM. */
  issue(names: readonly string[]): Promise<Certificate>
  /** One that was, is or will be valid from so long after now until so long after now, ms. Not kept beyond this run. */
  issueFor(names: readonly string[], fromMs: number, untilMs: number): Promise<Certificate>
  /** One that vouches for itself alone. PEM. */
  selfSigned(names: readonly string[]): Promise<Certificate>
}

const Kept = v.strictObject({
  root: v.strictObject({ cert: v.string(), key: v.string() }),
  issued: v.record(v.string(), v.strictObject({ cert: v.string(), key: v.string(), expires: v.number() })),
})
type Kept = v.InferOutput<typeof Kept>

const DAY_MS = 86_400_000
const LEAF_DAYS = 90
/** How long before now a new certificate begins, and how long after now it ends, ms. */
export const LEAF_FROM_MS = -DAY_MS
export const LEAF_UNTIL_MS = LEAF_DAYS * DAY_MS
const ROOT_DAYS = 3650
/** Renewed when less than this is left. */
const MARGIN_DAYS = 30
/**
 * What signs: `ecdsa` as most of the web does, or `ed25519`, which few browsers take but whose signatures are all of one length, so that
 * one seed makes packets of one size.
 */
export type Signatures = 'ecdsa' | 'ed25519'
const algorithms = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  ed25519: { name: 'Ed25519' },
} as const

/**
 * Opens the authority kept in `dataDir`, or makes one; `null` keeps nothing. A damaged file is replaced: nothing depends on
 * it but this world. `now` in epoch ms; `serials` gives 16 random bytes.
 */
export async function openAuthority(
  dataDir: string | null,
  title: string,
  now: () => number,
  signatures: Signatures = 'ecdsa',
): Promise<Authority> {
  const algorithm = algorithms[signatures]
  const generate = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair> // Both make pairs.
  const file = dataDir === null ? null : join(dataDir, `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.json`)
  let kept = file === null ? null : await load(file)
  if (!kept) {
    const keys = await generate()
    const root = await x509.X509CertificateGenerator.createSelfSigned(
      {
        name: `CN=${title}`,
        serialNumber: serial(),
        notBefore: new Date(now() - DAY_MS),
        notAfter: new Date(now() + ROOT_DAYS * DAY_MS),
        signingAlgorithm: algorithm,
        keys,
        extensions: [
          new x509.BasicConstraintsExtension(true, 0, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        ],
      },
      webcrypto,
    )
    kept = { root: { cert: root.toString('pem'), key: await exportKey(keys.privateKey) }, issued: {} }
    await save(file, kept)
  }
  const { root, issued } = kept
  const rootCert = new x509.X509Certificate(root.cert)
  const rootKey = await webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(root.key), algorithm, true, ['sign'])
  let saving: Promise<void> = Promise.resolve()
  const dated = new Map<string, Promise<Certificate>>()

  const sign = async (names: readonly string[], from: number, until: number): Promise<Certificate> => {
    const keys = await generate()
    const leaf = await x509.X509CertificateGenerator.create(
      {
        subject: `CN=${names[0]}`,
        issuer: rootCert.subject,
        serialNumber: serial(),
        notBefore: new Date(from),
        notAfter: new Date(until),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey: rootKey,
        extensions: serverExtensions(names),
      },
      webcrypto,
    )
    return { cert: leaf.toString('pem'), key: await exportKey(keys.privateKey) }
  }

  return {
    root: root.cert,
    async issue(names) {
      const id = [...names].sort().join(' ')
      const known = issued[id]
      if (known && known.expires > now() + MARGIN_DAYS * DAY_MS) return { cert: known.cert, key: known.key }
      const expires = now() + LEAF_UNTIL_MS
      const certificate = await sign(names, now() + LEAF_FROM_MS, expires)
      issued[id] = { ...certificate, expires }
      saving = saving.then(() => save(file, kept))
      await saving
      return certificate
    },
    issueFor(names, fromMs, untilMs) {
      const id = [fromMs, untilMs, ...names].join(' ')
      const known = dated.get(id) ?? sign(names, now() + fromMs, now() + untilMs)
      dated.set(id, known)
      return known
    },
    async selfSigned(names) {
      const keys = await generate()
      const cert = await x509.X509CertificateGenerator.createSelfSigned(
        {
          name: `CN=${names[0]}`,
          serialNumber: serial(),
          notBefore: new Date(now() + LEAF_FROM_MS),
          notAfter: new Date(now() + LEAF_UNTIL_MS),
          signingAlgorithm: algorithm,
          keys,
          extensions: serverExtensions(names),
        },
        webcrypto,
      )
      return { cert: cert.toString('pem'), key: await exportKey(keys.privateKey) }
    },
  }
}

function serverExtensions(names: readonly string[]): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
  ]
}

// RFC 5280 section 4.1.2.2: positive, at most 20 octets.
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  return `01${Buffer.from(bytes).toString('hex')}`
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

async function load(file: string): Promise<Kept | null> {
  try {
    const parsed = v.safeParse(Kept, JSON.parse(await readFile(file, 'utf8')))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

async function save(file: string | null, kept: Kept): Promise<void> {
  if (file === null) return
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 })
  await rename(`${file}.new`, file)
}
