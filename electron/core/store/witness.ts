/**
 * Remembers outside of the store how far the store had come, so that an older copy of the store shows when it is opened. Sealed
 * with a key that lies in the store: whoever cannot open it can take the file away or put an older one there, and no more.
 */
import { existsSync, readFileSync } from 'node:fs'
import sodium from 'libsodium-wrappers'
import { fromBase64Url, toBase64Url, utf8 } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { ValueStore } from './values.ts'
import { writeFileDurably } from './write-file.ts'

await sodium.ready

export interface Witness {
  /** The generation last written; `null` when there is none, or none of this store. */
  read(): number | null
  /** On the disk when it returns. */
  write(generation: number): void
}

const PURPOSE = 'throughline store generation v1'
const KEY = 'store.witness'

/** Made at first. Not the key that opens the store, for that changes with the passphrase, while an older copy still has its own. */
export function witnessKey(values: ValueStore, random: Random): Uint8Array {
  const known = values.get(KEY)
  if (known !== null) return fromBase64Url(known)
  const key = random.bytes(32)
  values.set(KEY, toBase64Url(key))
  return key
}

/** A small file of its own, `generation seal`. */
export function fileWitness(path: string, key: Uint8Array): Witness {
  const seal = (generation: string) => toBase64Url(sodium.crypto_generichash(32, utf8(`${PURPOSE} ${generation}`), key))
  return {
    read() {
      if (!existsSync(path)) return null
      const [generation = '', found] = readFileSync(path, 'utf8').trim().split(' ')
      return /^\d{1,15}$/.test(generation) && found === seal(generation) ? Number(generation) : null
    },
    write: (generation) => writeFileDurably(path, `${generation} ${seal(String(generation))}`),
  }
}
