/**
 * An account on its way to another computer: its handle, its key and the cards of its people, sealed under a passphrase. Chats
 * are not in it: cloud chats come from the relay again, and secret chats belong to one device.
 */
import sodium from 'libsodium-wrappers'
import * as v from 'valibot'
import { ContactCard, Handle } from '../../shared/contract/chat.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { SHORT_PASSPHRASE } from '../../shared/contract/profile.ts'
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../shared/util/bytes.ts'
import type { Random } from '../../shared/util/random.ts'
import { KEY_BYTES } from '../../shared/util/signing.ts'
import { unwrapKey, type WrapCost, WrappedKey, wrapKey } from './store/key-wrap.ts'

await sodium.ready

const NONCE_BYTES = 24
const FILE_KEY_BYTES = 32
/** Room for the cards of thousands of people. */
export const MAX_ACCOUNT_FILE_BYTES = 1024 * 1024

const Base64Url = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/))

/** The handle stands in clear, so that the app can say whose file it is before it is opened. */
const AccountFile = v.strictObject({
  kind: v.literal('throughline account'),
  v: v.literal(1),
  handle: Handle,
  key: WrappedKey,
  nonce: Base64Url,
  box: Base64Url,
})

const Content = v.strictObject({
  seed: v.pipe(
    Base64Url,
    v.check((text) => decoded(text)?.length === KEY_BYTES, 'must be a key'),
  ),
  cards: v.array(ContactCard),
})

export interface Account {
  readonly handle: string
  /** Of its Ed25519 key. */
  readonly seed: Uint8Array
  /** Of its people. */
  readonly cards: readonly string[]
}

const aboutOf = (handle: string) => utf8(`throughline account v1 ${handle}`)

/** The text of a file. Throws `bad-input` for a passphrase of fewer than `SHORT_PASSPHRASE` characters. */
export function sealAccount({ handle, seed, cards }: Account, passphrase: string, random: Random, cost?: WrapCost): string {
  if (passphrase.length < SHORT_PASSPHRASE) throw new BackendError('bad-input', 'passphrase')
  const key = random.bytes(FILE_KEY_BYTES)
  const nonce = random.bytes(NONCE_BYTES)
  const content: v.InferOutput<typeof Content> = { seed: toBase64Url(seed), cards: [...cards] }
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(utf8(JSON.stringify(content)), aboutOf(handle), null, nonce, key)
  const file: v.InferOutput<typeof AccountFile> = {
    kind: 'throughline account',
    v: 1,
    handle,
    key: wrapKey(key, passphrase, random, cost && { cost }),
    nonce: toBase64Url(nonce),
    box: toBase64Url(box),
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** Whose account this text is. Throws `bad-account` when it is none. */
export const accountHandle = (text: string): string => parse(text).handle

/** Throws `bad-account` when it is no account file or an altered one, `store-locked` for another passphrase. */
export function openAccount(text: string, passphrase: string): Account {
  const { handle, key, nonce, box } = parse(text)
  const opened = unwrapKey(key, passphrase)
  const content = contentOf(opened, handle, nonce, box)
  return { handle, seed: fromBase64Url(content.seed), cards: content.cards }
}

function contentOf(key: Uint8Array, handle: string, nonce: string, box: string) {
  try {
    const plain = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, fromBase64Url(box), aboutOf(handle), fromBase64Url(nonce), key)
    return v.parse(Content, JSON.parse(fromUtf8(plain)))
  } catch {
    throw new BackendError('bad-account', 'altered')
  }
}

function parse(text: string) {
  if (text.length > MAX_ACCOUNT_FILE_BYTES) throw new BackendError('bad-account', 'too large')
  try {
    return v.parse(AccountFile, JSON.parse(text))
  } catch {
    throw new BackendError('bad-account', 'not an account file')
  }
}

function decoded(text: string): Uint8Array | null {
  try {
    return fromBase64Url(text)
  } catch {
    return null
  }
}
