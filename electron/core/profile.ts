/** A profile on disk: one folder, readable by its owner, with the encrypted store, and for practice profiles the key beside it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../shared/util/random.ts'
import { openIdentity } from './identity.ts'
import type { Identity } from './reach/relay-link.ts'
import { parseStoreKey, practiceKey } from './store/key-file.ts'
import { openStore, type Store } from './store/store.ts'
import { fileWitness, type Witness } from './store/witness.ts'

export interface ProfileInput {
  readonly profileDir: string
  /** For a new profile. */
  readonly handle: string | null
  /** base64url of 32 bytes; `null`: a practice profile. */
  readonly storeKey: string | null
}

export interface OpenProfile {
  readonly store: Store
  readonly identity: Identity
  readonly practice: boolean
  /** Beside the store: shows an older copy of it. */
  readonly witness: Witness
}

/** Throws `store-locked`, `store-damaged`, or `bad-input` for a handle that does not fit. */
export function openProfile({ profileDir, handle, storeKey }: ProfileInput, random: Random): OpenProfile {
  mkdirSync(profileDir, { recursive: true, mode: 0o700 })
  const path = join(profileDir, 'store.db')
  const key = storeKey === null ? practiceKey(join(profileDir, 'store.key'), path, random) : parseStoreKey(storeKey)
  const store = openStore({ path, key })
  try {
    const witness = fileWitness(join(profileDir, 'store.generation'), key)
    return { store, identity: openIdentity(store, handle, random), practice: storeKey === null, witness }
  } catch (error) {
    store.close()
    throw error
  }
}
