/**
 * Files of secret chats, sealed under a key of their own ("Attachments" in docs/PROTOCOL-SECRET.md): padded, then
 * XChaCha20-Poly1305 secretstream in pieces of 64 KiB, whose order and end are authenticated. Never more than a few pieces in memory.
 */
import sodium from 'libsodium-wrappers'
import type { Random } from '../../../../shared/util/random.ts'
import { paddedLength } from './padding.ts'
import { equal } from './primitives.ts'
import { SecretError } from './types.ts'

await sodium.ready

const PIECE_BYTES = 64 * 1024
const DIGEST_BYTES = 32
const HEADER_BYTES = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
const SEAL_BYTES = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
const SEALED_PIECE_BYTES = PIECE_BYTES + SEAL_BYTES
const { crypto_secretstream_xchacha20poly1305_TAG_FINAL: FINAL, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE: MORE } = sodium

/** Answers the bytes from `start`: `length` of them, or fewer where they end. */
export type ReadBytes = (start: number, length: number) => Uint8Array

/** Length of the ciphertext of a file of `size` bytes: all that anybody else learns of it. */
export function sealedLength(size: number): number {
  const padded = paddedLength(size)
  return HEADER_BYTES + padded + SEAL_BYTES * Math.ceil(padded / PIECE_BYTES)
}

/** A key is for one ciphertext only. */
export const newAttachmentKey = (random: Random): Uint8Array => random.bytes(sodium.crypto_secretstream_xchacha20poly1305_KEYBYTES)

/**
 * Yields the ciphertext of `size` bytes; before the last piece `whole` is told its digest. Throws `RangeError` when `read` gives
 * fewer bytes than asked for.
 */
export function* sealAttachment(
  { key, size, whole }: { readonly key: Uint8Array; readonly size: number; whole(digest: Uint8Array): void },
  read: ReadBytes,
): Generator<Uint8Array, void> {
  const padded = paddedLength(size)
  const digest = sodium.crypto_generichash_init(null, DIGEST_BYTES)
  // The header is a nonce that libsodium draws itself.
  const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key)
  sodium.crypto_generichash_update(digest, header)
  yield header
  for (let at = 0; at < padded; at += PIECE_BYTES) {
    const plain = new Uint8Array(Math.min(PIECE_BYTES, padded - at))
    const wanted = Math.max(0, Math.min(plain.length, size - at))
    const bytes = wanted === 0 ? plain.subarray(0, 0) : read(at, wanted)
    if (bytes.length !== wanted) throw new RangeError('fewer bytes than the size says')
    plain.set(bytes)
    const isLast = at + PIECE_BYTES >= padded
    const sealed = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, null, isLast ? FINAL : MORE)
    sodium.crypto_generichash_update(digest, sealed)
    if (isLast) whole(sodium.crypto_generichash_final(digest, DIGEST_BYTES))
    yield sealed
  }
}

/**
 * Yields the `size` bytes that were sealed. Throws `damaged` where the ciphertext is another than the one of this key, digest and
 * size, at the latest at its end: what was yielded counts only when nothing was thrown.
 */
export function* openAttachment(
  { key, digest, size }: { readonly key: Uint8Array; readonly digest: Uint8Array; readonly size: number },
  read: ReadBytes,
): Generator<Uint8Array, void> {
  const padded = paddedLength(size)
  const found = sodium.crypto_generichash_init(null, DIGEST_BYTES)
  const header = read(0, HEADER_BYTES)
  if (header.length !== HEADER_BYTES) throw damaged()
  sodium.crypto_generichash_update(found, header)
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key)
  for (let at = 0, from = HEADER_BYTES; at < padded; at += PIECE_BYTES, from += SEALED_PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, padded - at)
    const sealed = read(from, length + SEAL_BYTES)
    if (sealed.length !== length + SEAL_BYTES) throw damaged()
    sodium.crypto_generichash_update(found, sealed)
    const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, null)
    const tag = at + PIECE_BYTES >= padded ? FINAL : MORE
    if (!opened || opened.tag !== tag) throw damaged()
    const inside = Math.max(0, Math.min(length, size - at))
    // One file has one padded form.
    if (!opened.message.subarray(inside).every((byte) => byte === 0)) throw damaged()
    if (inside > 0) yield opened.message.subarray(0, inside)
  }
  if (read(sealedLength(size), 1).length !== 0) throw damaged()
  if (!equal(sodium.crypto_generichash_final(found, DIGEST_BYTES), digest)) throw damaged()
}

const damaged = () => new SecretError('damaged', 'not the file that was sealed')
