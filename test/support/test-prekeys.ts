/** Prekeys of the right shape made of random bytes: enough for the relay, which checks no signature. */
import { randomBytes } from 'node:crypto'
import { type KemPrekey, MLKEM768_PUBLIC_BYTES, type Prekeys, type X25519Prekey } from '../../shared/protocol/secret.ts'

const random = (bytes: number) => randomBytes(bytes).toString('base64url')

export interface TestPrekeys {
  /** One-time prekeys of each kind. */
  readonly oneTime?: number
  /** Ids from here on. */
  readonly firstId?: number
  readonly expires?: number
}

export function testX25519Prekey(id: number, expires: number): X25519Prekey {
  return { id, key: random(32), created: 1, expires, signature: random(64) }
}

export function testKemPrekey(id: number, expires: number): KemPrekey {
  return { ...testX25519Prekey(id, expires), key: random(MLKEM768_PUBLIC_BYTES) }
}

export function testPrekeys(signedId: number, { oneTime = 0, firstId = 1, expires = Date.now() + 1e9 }: TestPrekeys = {}): Prekeys {
  const ids = Array.from({ length: oneTime }, (_, i) => firstId + i)
  return {
    certificate: { signing: random(32), agreement: random(32), created: 1, signature: random(64) },
    signed: testX25519Prekey(signedId, expires),
    lastResort: testKemPrekey(signedId, expires),
    x25519: ids.map((id) => testX25519Prekey(id, expires)),
    mlkem768: ids.map((id) => testKemPrekey(id, expires)),
  }
}
