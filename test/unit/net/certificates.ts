/** A certificate authority of a test's own and certificates by it. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

cryptoProvider.set(webcrypto)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const usages: KeyUsage[] = ['sign', 'verify']
const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2099-01-01') }

export interface TestAuthority {
  readonly root: string
  issue(...hosts: string[]): Promise<{ cert: string; key: string }>
}

export async function testAuthority(name: string): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, usages)
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
    ...validity,
  })
  return {
    root: root.toString('pem'),
    async issue(...hosts) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, usages)
      const certificate = await X509CertificateGenerator.create({
        subject: `CN=${hosts[0]}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value }))),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
        ...validity,
      })
      const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64')
      return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n` }
    },
  }
}
