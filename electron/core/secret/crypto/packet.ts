/** The bytes of a packet and of the prelude in front of first ones. Nothing is decrypted or believed here. */
import { MAX_PACKET_BYTES, MLKEM768_CIPHERTEXT_BYTES } from '../../../../shared/protocol/secret.ts'
import { concat } from '../../../../shared/util/bytes.ts'
import { SIGNATURE_BYTES } from '../../../../shared/util/signing.ts'
import { AEAD_TAG_BYTES, isCanonicalPoint, u32, u64 } from './primitives.ts'
import { COMMITMENT_BYTES, SEALED_HEADER_BYTES } from './suite.ts'

export const VERSION = 1
export const SUITE = 1
const FIRST = 1
const LATER = 2

export interface Prelude {
  readonly suite: number
  readonly signing: Uint8Array
  readonly agreement: Uint8Array
  readonly created: number
  readonly certificate: Uint8Array
  readonly ephemeral: Uint8Array
  readonly signedId: number
  /** 0: none. */
  readonly oneTimeId: number
  readonly kemType: number
  readonly kemId: number
  readonly ciphertext: Uint8Array
}

const PRELUDE_BYTES = 1 + 32 + 32 + 8 + SIGNATURE_BYTES + 32 + 4 + 4 + 1 + 4 + MLKEM768_CIPHERTEXT_BYTES

export function encodePrelude(prelude: Prelude): Uint8Array {
  return concat(
    Uint8Array.of(prelude.suite),
    prelude.signing,
    prelude.agreement,
    u64(prelude.created),
    prelude.certificate,
    prelude.ephemeral,
    u32(prelude.signedId),
    u32(prelude.oneTimeId),
    Uint8Array.of(prelude.kemType),
    u32(prelude.kemId),
    prelude.ciphertext,
  )
}

/** Copies, so that nothing keeps the packet alive. `null` when a value cannot be. */
export function decodePrelude(bytes: Uint8Array): Prelude | null {
  if (bytes.length !== PRELUDE_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const created = view.getUint32(65) * 2 ** 32 + view.getUint32(69)
  const prelude = {
    suite: view.getUint8(0),
    signing: bytes.slice(1, 33),
    agreement: bytes.slice(33, 65),
    created,
    certificate: bytes.slice(73, 137),
    ephemeral: bytes.slice(137, 169),
    signedId: view.getUint32(169),
    oneTimeId: view.getUint32(173),
    kemType: view.getUint8(177),
    kemId: view.getUint32(178),
    ciphertext: bytes.slice(182),
  }
  const possible =
    Number.isSafeInteger(created) &&
    isCanonicalPoint(prelude.agreement) &&
    isCanonicalPoint(prelude.ephemeral) &&
    prelude.signedId !== 0 &&
    prelude.kemId !== 0
  return possible ? prelude : null
}

export interface Packet {
  /** Kind and prelude, as the body is bound to them. */
  readonly front: Uint8Array
  /** `null` after the first packets. */
  readonly prelude: Uint8Array | null
  /** Header nonce and sealed header. */
  readonly header: Uint8Array
  /** Commitment and sealed body. */
  readonly body: Uint8Array
}

export function frontOf(prelude: Uint8Array | null): Uint8Array {
  return prelude ? concat(Uint8Array.of(FIRST), prelude) : Uint8Array.of(LATER)
}

export const encodePacket = ({ front, header, body }: Omit<Packet, 'prelude'>): Uint8Array =>
  concat(Uint8Array.of(VERSION), front, header, body)

/** Views into `bytes`. `null`: too short, too long, or of a kind, version or suite that is not known. */
export function decodePacket(bytes: Uint8Array): Packet | null {
  const [version, kind, suite] = bytes
  if (version !== VERSION || (kind !== FIRST && kind !== LATER) || (kind === FIRST && suite !== SUITE)) return null
  if (bytes.length > MAX_PACKET_BYTES) return null
  const header = kind === FIRST ? 2 + PRELUDE_BYTES : 2
  const body = header + SEALED_HEADER_BYTES
  if (bytes.length <= body + COMMITMENT_BYTES + AEAD_TAG_BYTES) return null
  return {
    front: bytes.subarray(1, header),
    prelude: kind === FIRST ? bytes.subarray(2, header) : null,
    header: bytes.subarray(header, body),
    body: bytes.subarray(body),
  }
}

/**
 * Whether these bytes say that they are of a version or suite after ours. Anybody on the way can write that: it is a reason to ask
 * for an update, and for nothing else.
 */
export function isNewer([version = 0, kind, suite = 0]: Uint8Array): boolean {
  return version > VERSION || (version === VERSION && kind === FIRST && suite > SUITE)
}
