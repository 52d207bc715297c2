/** A profile on disk: one folder, readable by its owner, with the encrypted store, and for practice profiles the key beside it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../shared/util/random.ts'
import { type Account, openAccount } from './account-file.ts'
import { isUnclaimed, openIdentity } from './identity.ts'
import type { Identity } from './reach/relay-link.ts'
import { parseStoreKey, practiceKey } from './store/key-file.ts'
import { openStore, type Store } from './store/store.ts'

export interface ProfileInput {
  readonly profileDir: string
  /** For a new profile. */
  readonly handle: string | null
  /** base64url of 32 bytes; `null`: a practice profile. */
  readonly storeKey: string | null
  /** For a new profile of an account that is not new: the text of its file. */
  readonly account?: { readonly text: string; readonly passphrase: string } | undefined
}

export interface OpenProfile {
  readonly store: Store
  readonly identity: Identity
  readonly practice: boolean
  /** Of the people whom an account brought along. */
  readonly cards: readonly string[]
}

/** Throws `store-locked`, `store-damaged`, `bad-account`, or `bad-input` for a handle that does not fit. */
export function openProfile({ profileDir, handle, storeKey, account }: ProfileInput, random: Random): OpenProfile {
  mkdirSync(profileDir, { recursive: true, mode: 0o700 })
  const path = join(profileDir, 'store.db')
  const key = storeKey === null ? practiceKey(join(profileDir, 'store.key'), path, random) : parseStoreKey(storeKey)
  const store = openStore({ path, key })
  try {
    const brought: Account | null = account && isUnclaimed(store) ? openAccount(account.text, account.passphrase) : null
    const identity = openIdentity(store, handle, random, brought)
    return { store, identity, practice: storeKey === null, cards: brought?.cards ?? [] }
  } catch (error) {
    store.close()
    throw error
  }
}
