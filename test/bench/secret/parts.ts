/** What single steps of a message cost, with the functions that the product uses, and what a turn cannot cost less than. */
import nodeCrypto from 'node:crypto'
import sodium from 'libsodium-wrappers'
import { decodeBody, encodeBody, NO_DIGEST } from '../../../electron/core/secret/crypto/body.ts'
import { pad, unpad } from '../../../electron/core/secret/crypto/padding.ts'
import {
  aeadOpen,
  aeadSeal,
  decapsulate,
  encapsulate,
  equal,
  hash,
  hkdf,
  hmac,
  kemPair,
  newX25519Pair,
} from '../../../electron/core/secret/crypto/primitives.ts'
import { openHeader, sealHeader } from '../../../electron/core/secret/crypto/suite.ts'
import { agree } from '../../../electron/core/secret/crypto/x25519.ts'
import { systemRandom as random } from '../../../electron/core/system-random.ts'
import { fields, utf8 } from '../../../shared/util/bytes.ts'
import { shortText } from './ends.ts'

await sodium.ready

export interface Part {
  readonly name: string
  /** How often it happens for one message that turns the ratchet, both sides together. */
  readonly times: number
  work(): unknown
}

const bytes = (length: number) => random.bytes(length)

export function parts(): Part[] {
  const key = bytes(32)
  const th = bytes(64)
  const pair = newX25519Pair(random)
  const header = { dh: pair.publicKey, pn: 1, n: 0, epoch: 1 }
  const sealedHeader = sealHeader(key, header, th, random)
  const seed = bytes(64)
  const kem = kemPair(seed)
  const { ciphertext } = encapsulate(kem.publicKey, bytes(32))
  const body = { previous: NO_DIGEST, items: [shortText()], kem: null }
  const { padded } = encodeBody(body)
  const content = unpad(padded) ?? padded
  const nonce = bytes(24)
  const data = fields('SC1 body', th, Uint8Array.of(0), Uint8Array.of(2), sealedHeader, key)
  const sealedBody = aeadSeal(key, nonce, padded, data)
  const commitment = hmac(key, utf8('SC1 message'))
  const info = fields('SC1 root', Uint8Array.of(0, 0, 0, 1))
  return [
    { name: 'new ratchet pair', times: 1, work: () => newX25519Pair(random) },
    { name: 'agreement', times: 2, work: () => agree(pair, pair.publicKey) },
    { name: 'step of the root (HKDF)', times: 2, work: () => hkdf(key, key, info, 96) },
    { name: 'step of a chain (HMAC)', times: 2, work: () => hmac(key, Uint8Array.of(1)) },
    { name: 'body sealed', times: 1, work: () => aeadSeal(key, nonce, padded, data) },
    { name: 'body opened', times: 1, work: () => aeadOpen(key, nonce, sealedBody, data) },
    { name: 'body to JSON and back', times: 1, work: () => decodeBody(encodeBody(body).padded) },
    { name: 'header encryption: sealed and opened', times: 1, work: () => openHeader(key, sealHeader(key, header, th, random), th) },
    { name: 'commitment: made, and made and compared', times: 1, work: () => [hmac(key, key), equal(hmac(key, key), commitment)] },
    { name: 'padding: put on and taken off', times: 1, work: () => unpad(pad(content)) },
    { name: 'digest of the body before: made, and made and compared', times: 1, work: () => equal(hash(16, content), hash(16, content)) },
    // An offer, an answer and its mixing for every fifty messages.
    {
      name: 'post-quantum re-key: pair, to and from, one in fifty',
      times: 1 / 50,
      work: () => [kemPair(seed), encapsulate(kem.publicKey, key), encapsulate(kem.publicKey, key), decapsulate(ciphertext, kem.secretKey)],
    },
    { name: 'look-up of a skipped key, of 1,000', times: 0, work: skippedLookUp() },
  ]
}

function skippedLookUp() {
  const skipped = new Map(Array.from({ length: 1000 }, (_, n) => [n, { key: bytes(32), at: 0 }] as const))
  return () => {
    const rest = new Map(skipped)
    rest.delete(500)
    return rest
  }
}

/** A turn of the ratchet and nothing else: one new pair, two agreements, two derivations, one message sealed and opened. */
export function bareTurn(): () => unknown {
  const peer = sodium.crypto_box_keypair()
  const plain = bytes(256)
  return () => {
    const secret = bytes(32)
    const publicKey = sodium.crypto_scalarmult_base(secret)
    const sealed = aead(derive(sodium.crypto_scalarmult(secret, peer.publicKey)))
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      sealed,
      null,
      bytesOfZero,
      derive(sodium.crypto_scalarmult(peer.privateKey, publicKey)),
    )
  }
  function aead(key: Uint8Array) {
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, null, null, bytesOfZero, key)
  }
  function derive(agreed: Uint8Array) {
    return hkdf(peer.publicKey, agreed, bytesOfZero, 32)
  }
}
const bytesOfZero = new Uint8Array(24)

/** The same with OpenSSL through node:crypto, and its own ChaCha20-Poly1305, which Electron has not got. */
export function bareNodeTurn(): () => unknown {
  const peer = nodeCrypto.generateKeyPairSync('x25519')
  const plain = bytes(256)
  const derive = (agreed: Uint8Array) => new Uint8Array(nodeCrypto.hkdfSync('sha512', agreed, plain, '', 32))
  const nonce = new Uint8Array(12)
  return () => {
    const pair = nodeCrypto.generateKeyPairSync('x25519')
    const wire = pair.publicKey.export({ format: 'jwk' })
    const sealing = nodeCrypto.createCipheriv(
      'chacha20-poly1305',
      derive(nodeCrypto.diffieHellman({ privateKey: pair.privateKey, publicKey: peer.publicKey })),
      nonce,
      { authTagLength: 16 },
    )
    const sealed = sealing.update(plain)
    sealing.final()
    const remote = nodeCrypto.createPublicKey({ key: wire, format: 'jwk' })
    const opening = nodeCrypto.createDecipheriv(
      'chacha20-poly1305',
      derive(nodeCrypto.diffieHellman({ privateKey: peer.privateKey, publicKey: remote })),
      nonce,
      { authTagLength: 16 },
    )
    opening.setAuthTag(sealing.getAuthTag())
    const opened = opening.update(sealed)
    opening.final()
    return opened
  }
}
