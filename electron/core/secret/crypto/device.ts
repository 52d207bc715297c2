/** Our device: its keys, made once, their certificate by the account, and both as text for the store. */
import * as v from 'valibot'
import { DeviceCertificate } from '../../../../shared/protocol/secret.ts'
import { base64url, DeviceId, WireHandle, WireKey } from '../../../../shared/protocol/wire.ts'
import { fromBase64Url, toBase64Url } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { KEY_BYTES, type SigningKey, sign, signingKeyFromSeed, verify } from '../../../../shared/util/signing.ts'
import { newX25519Pair, u64 } from './primitives.ts'
import { type Device, type DeviceIdentity, type Party, SecretError } from './types.ts'
import { x25519Pair } from './x25519.ts'

const CERTIFICATE = 'throughline secret device v1'

const certified = ({ handle, account, device, signing, agreement }: DeviceIdentity, created: number) => [
  handle,
  account,
  device,
  signing,
  agreement,
  u64(created),
]

/** Whether the account of `identity` signed its keys. */
export const isCertified = (identity: DeviceIdentity, created: number, signature: Uint8Array): boolean =>
  verify(CERTIFICATE, certified(identity, created), signature, identity.account)

/** Makes the keys of this device and lets `account`, the account key of `who`, certify them. */
export function createDevice(who: Party, account: SigningKey, now: number, random: Random): Device {
  const signingSecret = signingKeyFromSeed(random.bytes(KEY_BYTES))
  const agreement = newX25519Pair(random)
  const { handle, device } = who
  const identity = { handle, account: who.account, device, signing: signingSecret.publicKey, agreement: agreement.publicKey }
  const certificate = {
    signing: toBase64Url(identity.signing),
    agreement: toBase64Url(identity.agreement),
    created: now,
    signature: toBase64Url(sign(CERTIFICATE, certified(identity, now), account)),
  }
  return { identity, certificate, signingSecret, agreementSecret: agreement.secretKey }
}

const Stored = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    handle: WireHandle,
    account: WireKey,
    device: DeviceId,
    certificate: DeviceCertificate,
    signing: base64url(KEY_BYTES),
    agreement: base64url(KEY_BYTES),
  }),
)

/** Secrets included. */
export function encodeDevice({ identity, certificate, signingSecret, agreementSecret }: Device): string {
  const stored: v.InferOutput<typeof Stored> = {
    handle: identity.handle,
    account: toBase64Url(identity.account),
    device: toBase64Url(identity.device),
    certificate,
    // libsodium's secret key is the seed and the public key.
    signing: toBase64Url(signingSecret.secretKey.slice(0, KEY_BYTES)),
    agreement: toBase64Url(agreementSecret),
  }
  return JSON.stringify(stored)
}

/** Throws `damaged`, also when the keys are not those that the certificate names. */
export function decodeDevice(text: string): Device {
  const read = v.safeParse(Stored, text)
  if (!read.success) throw new SecretError('damaged', 'the keys of this device cannot be read')
  const { handle, account, device, certificate } = read.output
  const signingSecret = signingKeyFromSeed(fromBase64Url(read.output.signing))
  const agreement = x25519Pair(fromBase64Url(read.output.agreement))
  const identity = {
    handle,
    account: fromBase64Url(account),
    device: fromBase64Url(device),
    signing: signingSecret.publicKey,
    agreement: agreement.publicKey,
  }
  if (!isCertified(identity, certificate.created, fromBase64Url(certificate.signature)))
    throw new SecretError('damaged', 'the keys of this device do not fit its certificate')
  return { identity, certificate, signingSecret, agreementSecret: agreement.secretKey }
}
