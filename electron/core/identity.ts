/** Who this profile is: a handle, an Ed25519 key and a device id, made once and kept in the encrypted store. */
import * as v from 'valibot'
import { Handle } from '../../shared/contract/chat.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { fromBase64Url, toBase64Url } from '../../shared/util/bytes.ts'
import type { Random } from '../../shared/util/random.ts'
import { KEY_BYTES, signingKeyFromSeed } from '../../shared/util/signing.ts'
import type { Account } from './account-file.ts'
import type { Owner } from './chats/ledger.ts'
import type { Identity } from './reach/relay-link.ts'
import type { Store } from './store/store.ts'

const HANDLE = 'identity.handle'
const SEED = 'identity.seed'
const DEVICE = 'identity.device'
const DEVICE_BYTES = 16

/**
 * Opens the identity of this store, or makes one for `handle`: with the key of `account`, or a new one. Throws `bad-input`
 * when a new profile is given no handle, or an old one another than its own; `bad-account` for somebody else's.
 */
export function openIdentity(store: Store, handle: string | null, random: Random, account: Account | null): Identity {
  const { values } = store
  const known = values.get(HANDLE)
  if (known === null) {
    if (!v.is(Handle, handle)) throw new BackendError('bad-input', 'a new profile needs a handle')
    if (account !== null && handle !== account.handle) throw new BackendError('bad-account', 'of another handle')
    store.transaction(() => {
      values.set(HANDLE, handle)
      values.set(SEED, toBase64Url(account?.seed ?? random.bytes(KEY_BYTES)))
      // Its own also where the account is not new: what is sealed for the other device cannot be read here.
      values.set(DEVICE, toBase64Url(random.bytes(DEVICE_BYTES)))
    })
  } else if (handle !== null && handle !== known) throw new BackendError('bad-input', 'this profile has another handle')
  const read = (key: string) => {
    const text = values.get(key)
    if (text === null) throw new BackendError('store-damaged', 'the identity is not whole')
    return text
  }
  return { handle: read(HANDLE), key: signingKeyFromSeed(fromBase64Url(read(SEED))), device: fromBase64Url(read(DEVICE)) }
}

/** Nobody lives in this store yet. */
export const isUnclaimed = (store: Store): boolean => store.values.get(HANDLE) === null

/** The seed of this store's account key: whoever has it can write as this person. */
export function accountSeed(store: Store): Uint8Array {
  const text = store.values.get(SEED)
  if (text === null) throw new BackendError('store-damaged', 'the identity is not whole')
  return fromBase64Url(text)
}

export const ownerOf = ({ handle, key, device }: Identity): Owner => ({
  handle,
  key: toBase64Url(key.publicKey),
  device: toBase64Url(device),
})

export const cardOf = (owner: Owner) => `${owner.handle}:${owner.key}`
