/**
 * What the relay handles of secret chats: signed public keys and sealed packets (docs/PROTOCOL-SECRET.md). It checks shapes
 * and sizes; signatures are the business of the devices.
 */
import * as v from 'valibot'
import { base64url, base64urlUpTo, DeviceId, Seq, Signature, WireHandle, WireKey } from './wire.ts'

export const MLKEM768_PUBLIC_BYTES = 1184
export const MLKEM768_CIPHERTEXT_BYTES = 1088
/** The largest body, its seal, header and prelude. */
export const MAX_PACKET_BYTES = 65_536
/** One-time prekeys of one kind in one publication. */
export const MAX_ONE_TIME = 100
/** Packets in one flight; a page also stops at a size (relay). */
export const MAIL_PAGE = 100

const PrekeyId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff))
/** Up to the last moment that a date can name (ECMA-262, section 21.4.1.1). */
const Time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000))
const prekey = <const S extends v.GenericSchema<string, string>>(key: S) =>
  v.strictObject({ id: PrekeyId, key, created: Time, expires: Time, signature: Signature })

export const DeviceCertificate = v.strictObject({ signing: WireKey, agreement: WireKey, created: Time, signature: Signature })
export type DeviceCertificate = v.InferOutput<typeof DeviceCertificate>

export const X25519Prekey = prekey(WireKey)
export type X25519Prekey = v.InferOutput<typeof X25519Prekey>
export const KemPrekey = prekey(base64url(MLKEM768_PUBLIC_BYTES))
export type KemPrekey = v.InferOutput<typeof KemPrekey>

/** What a device puts up for others to begin with. */
export const Prekeys = v.strictObject({
  certificate: DeviceCertificate,
  signed: X25519Prekey,
  lastResort: KemPrekey,
  x25519: v.pipe(v.array(X25519Prekey), v.maxLength(MAX_ONE_TIME)),
  mlkem768: v.pipe(v.array(KemPrekey), v.maxLength(MAX_ONE_TIME)),
})
export type Prekeys = v.InferOutput<typeof Prekeys>

/** What one handshake takes of a device. `oneTime` keys are absent when none are left or too many were asked for. */
export const DeviceBundle = v.strictObject({
  device: DeviceId,
  certificate: DeviceCertificate,
  signed: X25519Prekey,
  lastResort: KemPrekey,
  x25519: v.nullable(X25519Prekey),
  mlkem768: v.nullable(KemPrekey),
})
export type DeviceBundle = v.InferOutput<typeof DeviceBundle>

export const PacketBytes = base64urlUpTo(MAX_PACKET_BYTES)

/** One packet in a device's mailbox. `id` strictly increases within the mailbox. */
export const SealedPacket = v.strictObject({
  id: Seq,
  from: WireHandle,
  fromKey: WireKey,
  fromDevice: DeviceId,
  packet: PacketBytes,
  at: v.number(),
})
export type SealedPacket = v.InferOutput<typeof SealedPacket>
