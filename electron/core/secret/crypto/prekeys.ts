/** Prekeys: made and signed here, and judged when they come in somebody's bundle. */
import type { DeviceBundle, KemPrekey, X25519Prekey } from '../../../../shared/protocol/secret.ts'
import { fromBase64Url, toBase64Url } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { sign, verify } from '../../../../shared/util/signing.ts'
import { isCertified } from './device.ts'
import { equal, isCanonicalPoint, KEM_SEED_BYTES, kemPair, newX25519Pair, u32, u64 } from './primitives.ts'
import { type Device, type DeviceIdentity, type Party, SecretError } from './types.ts'

const PREKEY = 'throughline secret prekey v1'
/** The type is under the signature: a key of one kind never passes for another. */
export const PREKEY_TYPE = { signed: 1, oneTime: 2, lastResort: 3, kemOneTime: 4 } as const
export const PREKEY_LIVES_MS = 90 * 24 * 3600 * 1000
/** Clocks of honest people differ. */
const GRACE_MS = 3600 * 1000

const signedParts = (
  type: number,
  { handle, device }: Party,
  prekey: Pick<X25519Prekey, 'id' | 'created' | 'expires'>,
  key: Uint8Array,
) => [Uint8Array.of(type), handle, device, u32(prekey.id), key, u64(prekey.created), u64(prekey.expires)]

function signPrekey(device: Device, type: number, id: number, key: Uint8Array, now: number): X25519Prekey {
  const prekey = { id, created: now, expires: now + PREKEY_LIVES_MS }
  const signature = sign(PREKEY, signedParts(type, device.identity, prekey, key), device.signingSecret)
  return { ...prekey, key: toBase64Url(key), signature: toBase64Url(signature) }
}

/** `secret`: the X25519 scalar (32). `id`: 1 or more. */
export function createX25519Prekey(
  device: Device,
  type: 'signed' | 'one-time',
  id: number,
  now: number,
  random: Random,
): { public: X25519Prekey; secret: Uint8Array } {
  const pair = newX25519Pair(random)
  const kind = type === 'signed' ? PREKEY_TYPE.signed : PREKEY_TYPE.oneTime
  return { public: signPrekey(device, kind, id, pair.publicKey, now), secret: pair.secretKey }
}

/** `secret`: the seed of the ML-KEM-768 pair (64). `id`: 1 or more. */
export function createKemPrekey(
  device: Device,
  type: 'last-resort' | 'one-time',
  id: number,
  now: number,
  random: Random,
): { public: KemPrekey; secret: Uint8Array } {
  const seed = random.bytes(KEM_SEED_BYTES)
  const kind = type === 'last-resort' ? PREKEY_TYPE.lastResort : PREKEY_TYPE.kemOneTime
  return { public: signPrekey(device, kind, id, kemPair(seed).publicKey, now), secret: seed }
}

/** What a bundle says once it is believed. */
export interface CheckedBundle {
  readonly identity: DeviceIdentity
  readonly signed: CheckedPrekey
  readonly oneTime: CheckedPrekey | null
  readonly kem: CheckedPrekey & { readonly type: number }
}

interface CheckedPrekey {
  readonly id: number
  readonly key: Uint8Array
}

/**
 * Judges a bundle that the relay gave for `owner`; `own` is the device that asks. Returns whose device it is. Throws `own-device`,
 * `bad-bundle` (something is not signed by the owner) or `expired`.
 */
export function checkBundle(bundle: DeviceBundle, owner: Pick<Party, 'handle' | 'account'>, own: Party, now: number): DeviceIdentity {
  return openBundle(bundle, owner, own, now).identity
}

/** The same, with the keys to begin with: the one-time ones where there are any. */
export function openBundle(bundle: DeviceBundle, owner: Pick<Party, 'handle' | 'account'>, own: Party, now: number): CheckedBundle {
  const identity = {
    handle: owner.handle,
    account: owner.account,
    device: fromBase64Url(bundle.device),
    signing: fromBase64Url(bundle.certificate.signing),
    agreement: fromBase64Url(bundle.certificate.agreement),
  }
  if (isSameDevice(identity, own)) throw new SecretError('own-device', 'this is our own device')
  if (!isCertified(identity, bundle.certificate.created, fromBase64Url(bundle.certificate.signature)))
    throw new SecretError('bad-bundle', 'the account did not certify this device')
  if (!isCanonicalPoint(identity.agreement)) throw new SecretError('bad-bundle', 'the agreement key is not canonical')
  const check = (type: number, prekey: X25519Prekey | KemPrekey): CheckedPrekey => {
    const key = fromBase64Url(prekey.key)
    if (!verify(PREKEY, signedParts(type, identity, prekey, key), fromBase64Url(prekey.signature), identity.signing))
      throw new SecretError('bad-bundle', 'the device did not sign this prekey')
    if (now > prekey.expires + GRACE_MS) throw new SecretError('expired', 'the prekey has expired')
    // It would outlive every honest one: whoever made it has a wrong clock or means harm.
    if (prekey.created > now + GRACE_MS) throw new SecretError('bad-bundle', 'the prekey is from the future')
    return { id: prekey.id, key }
  }
  const checkX25519 = (type: number, prekey: X25519Prekey): CheckedPrekey => {
    const checked = check(type, prekey)
    if (!isCanonicalPoint(checked.key)) throw new SecretError('bad-bundle', 'the prekey is not canonical')
    return checked
  }
  const lastResort = check(PREKEY_TYPE.lastResort, bundle.lastResort)
  return {
    identity,
    signed: checkX25519(PREKEY_TYPE.signed, bundle.signed),
    oneTime: bundle.x25519 && checkX25519(PREKEY_TYPE.oneTime, bundle.x25519),
    kem: bundle.mlkem768
      ? { ...check(PREKEY_TYPE.kemOneTime, bundle.mlkem768), type: PREKEY_TYPE.kemOneTime }
      : { ...lastResort, type: PREKEY_TYPE.lastResort },
  }
}

/** Devices are known by account and id. */
export const isSameDevice = (a: Party, b: Party): boolean => equal(a.account, b.account) && equal(a.device, b.device)
