/** What the rooms above know of secret chats' cryptography: who takes part, a device with its secrets, a session, and the one error. */
import type { DeviceCertificate } from '../../../../shared/protocol/secret.ts'
import type { SigningKey } from '../../../../shared/util/signing.ts'
import type { Ratchet } from './ratchet.ts'
import type { Rekeying } from './rekeying.ts'

/** One device of one person: handle, account key (32) and device id (16). */
export interface Party {
  readonly handle: string
  readonly account: Uint8Array
  readonly device: Uint8Array
}

/** A device with its certified keys: Ed25519 for signing, X25519 for agreement. */
export interface DeviceIdentity extends Party {
  readonly signing: Uint8Array
  readonly agreement: Uint8Array
}

/** Our own device, secrets included. */
export interface Device {
  readonly identity: DeviceIdentity
  readonly certificate: DeviceCertificate
  readonly signingSecret: SigningKey
  readonly agreementSecret: Uint8Array
}

export type SecretErrorCode =
  | 'bad-bundle'
  | 'bad-packet'
  | 'expired'
  | 'own-device'
  | 'newer'
  | 'too-far'
  | 'unknown-prekey'
  | 'too-large'
  | 'damaged'

/** Which function throws which is said at the function. The message names no value. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
  readonly code: SecretErrorCode

  constructor(code: SecretErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A session as it stands between two packets: a value. Sealing and opening return another and leave this one as it was. */
export interface SessionState {
  /** Hash of the whole handshake (64). */
  readonly th: Uint8Array
  /** Name of the session (16), the same on both sides. */
  readonly sid: Uint8Array
  readonly initiator: boolean
  readonly peer: DeviceIdentity
  /** A packet of the other side has opened. */
  readonly confirmed: boolean
  /** What every packet of the initiator carries in front until then. */
  readonly prelude: Uint8Array | null
  readonly ratchet: Ratchet
  readonly rekeying: Rekeying
  /** Digests of the last body sent, and of the body with the highest number opened. */
  readonly lastSent: Uint8Array
  readonly lastOpened: Uint8Array
  /** The number of that body, and how many were opened. */
  readonly highest: number
  readonly opened: number
}
