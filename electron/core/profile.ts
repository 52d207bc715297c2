/** A profile on disk: one folder, readable by its owner, with the encrypted store, and for practice profiles the key beside it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { BackendError } from '../../shared/contract/errors.ts'
import type { Random } from '../../shared/util/random.ts'
import { type Account, accountHandle, openAccount } from './account-file.ts'
import { isUnclaimed, openIdentity } from './identity.ts'
import type { Identity } from './reach/relay-link.ts'
import { parseStoreKey } from './store/key-file.ts'
import type { Store } from './store/store.ts'
import { createVault, type Vault } from './store/vault.ts'
import { fileWitness, type Witness, witnessKey } from './store/witness.ts'

export interface ProfileInput {
  readonly profileDir: string
  /** For a new profile. */
  readonly handle: string | null
  /** base64url of 32 bytes; `null`: a practice profile. */
  readonly storeKey: string | null
  /** For a new profile of an account that is not new: the text of its file. */
  readonly account?: { readonly text: string; readonly passphrase: string | null } | undefined
}

/** The details of `store-locked` where nothing is wrong but that a passphrase has to be given: of the profile, or of the account's file. */
export const NEEDS_PASSPHRASE = 'the passphrase is needed'
export const NEEDS_ACCOUNT_PASSPHRASE = 'the passphrase of the account file is needed'

export interface OpenProfile {
  readonly store: Store
  readonly identity: Identity
  readonly practice: boolean
  /** Of the people whom an account brought along. */
  readonly cards: readonly string[]
  /** Beside the store: shows an older copy of it. */
  readonly witness: Witness
}

/** What opens this profile. Throws `store-locked` for a key that is none. */
export function vaultOf({ profileDir, storeKey }: ProfileInput, random: Random): Vault {
  mkdirSync(profileDir, { recursive: true, mode: 0o700 })
  return createVault({ profileDir, keychainKey: storeKey === null ? null : parseStoreKey(storeKey), random })
}

/** Throws `store-locked` for a wrong passphrase or where one is needed, `store-damaged`, `bad-account`, or `bad-input` for a handle that does not fit. */
export function openProfile(
  input: ProfileInput,
  random: Random,
  passphrase: string | null = null,
  vault = vaultOf(input, random),
): OpenProfile {
  const store = vault.open(passphrase)
  if (store === null) throw new BackendError('store-locked', NEEDS_PASSPHRASE)
  try {
    const witness = fileWitness(join(input.profileDir, 'store.generation'), witnessKey(store.values, random))
    const brought = accountFor(store, input)
    const identity = openIdentity(store, input.handle, random, brought)
    return { store, identity, witness, practice: input.storeKey === null, cards: brought?.cards ?? [] }
  } catch (error) {
    store.close()
    throw error
  }
}

/** Only a new profile takes one; later it has its own. */
function accountFor(store: Store, { account, handle }: ProfileInput): Account | null {
  if (!account || !isUnclaimed(store)) return null
  if (account.passphrase === null) {
    // Before anybody is asked for its passphrase.
    if (accountHandle(account.text) !== handle) throw new BackendError('bad-account', 'of another handle')
    throw new BackendError('store-locked', NEEDS_ACCOUNT_PASSPHRASE)
  }
  return openAccount(account.text, account.passphrase)
}
