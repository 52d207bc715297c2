/**
 * The certificate the relay makes for itself: a small authority of its own, whose root the bundle pins, and one leaf for all
 * its host names. Plain names only: under TLS 1.3 no onlooker sees it, and a prober should learn nothing from it either.
 */
import 'reflect-metadata'
import { X509Certificate as NodeCertificate, type webcrypto } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import * as v from 'valibot'
import { writeDurably } from './files.ts'

const Pair = v.strictObject({ cert: v.string(), key: v.string() })
/** PEM texts. */
export type Certificate = v.InferOutput<typeof Pair>

const DAY = 24 * 60 * 60_000
const ROOT_DAYS = 3650
const LEAF_DAYS = 390
const RENEW_BEFORE = 30 * DAY
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A leaf valid now for all `hosts`, from `dataDir` if there is one, else issued and kept there; with the root it hangs on. */
export async function ownCertificate(dataDir: string, hosts: readonly string[], now: number): Promise<{ leaf: Certificate; root: string }> {
  const root = readPair(dataDir, 'root') ?? (await makeRoot(dataDir, now))
  const held = readPair(dataDir, 'leaf')
  const leaf = held && covers(held.cert, hosts, now) ? held : await makeLeaf(dataDir, root, hosts, now)
  return { leaf, root: root.cert }
}

/** What a client must trust to believe this chain: its own self-signed end, or nothing where a public authority stands behind it. */
export function rootsOf(chain: string): string[] {
  const last = x509.PemConverter.decode(chain).at(-1)
  if (!last) throw new Error('no certificate in the PEM text')
  const certificate = new NodeCertificate(Buffer.from(last))
  return certificate.checkIssued(certificate) ? [certificate.toString()] : []
}

function covers(pem: string, hosts: readonly string[], now: number): boolean {
  const certificate = new NodeCertificate(pem)
  const fresh = Date.parse(certificate.validTo) - now > RENEW_BEFORE && Date.parse(certificate.validFrom) <= now
  return fresh && hosts.every((host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined)
}

async function makeRoot(dataDir: string, now: number): Promise<Certificate> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=Root',
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + ROOT_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return keep(dataDir, 'root', certificate, keys.privateKey)
}

async function makeLeaf(dataDir: string, root: Certificate, hosts: readonly string[], now: number): Promise<Certificate> {
  const authority = new x509.X509Certificate(root.cert)
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8(root.key), ALGORITHM, false, ['sign'])
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${hosts[0] ?? 'localhost'}`,
    issuer: authority.subject,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + LEAF_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.map((host) => ({ type: isIP(host) ? 'ip' : 'dns', value: host }))),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return keep(dataDir, 'leaf', certificate, keys.privateKey)
}

async function keep(
  dataDir: string,
  name: string,
  certificate: x509.X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<Certificate> {
  const cert = certificate.toString('pem')
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
  writeDurably(pairPath(dataDir, name), JSON.stringify({ cert, key }), 0o600)
  return { cert, key }
}

function readPair(dataDir: string, name: string): Certificate | null {
  const path = pairPath(dataDir, name)
  if (!existsSync(path)) return null
  return v.parse(Pair, JSON.parse(readFileSync(path, 'utf8')))
}

const pairPath = (dataDir: string, name: string) => join(dataDir, `certificate-${name}.json`)
const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
// RFC 5280 section 4.1.2.2: positive and not guessable; a leading 0x7f at most keeps the sign bit clear.
const serial = () => `01${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`

function pkcs8(pem: string): ArrayBuffer {
  const bytes = x509.PemConverter.decode(pem)[0]
  if (!bytes) throw new Error('no key in the PEM text')
  return bytes
}
