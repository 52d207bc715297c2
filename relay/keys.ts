/** The relay's own secrets: its identity, and the two keys that may sign bundles (the second waits for the day the first is lost). */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { fromBase64Url, toBase64Url } from '../shared/util/bytes.ts'
import { KEY_BYTES, type SigningKey, signingKeyFromSeed } from '../shared/util/signing.ts'
import { writeDurably } from './files.ts'

export interface RelayKeys {
  readonly relay: SigningKey
  /** The one that signs. */
  readonly activeSigner: SigningKey
  readonly signers: readonly SigningKey[]
}

const KeyFile = v.strictObject({ relay: v.string(), signers: v.pipe(v.array(v.string()), v.length(2)) })

/** Reads the keys of this data directory, or makes them the first time. Throws on a damaged file: new keys would lock everybody out. */
export function loadKeys(dataDir: string): RelayKeys {
  const path = join(dataDir, 'keys.json')
  if (!existsSync(path)) {
    const seed = () => toBase64Url(randomBytes(KEY_BYTES))
    writeDurably(path, JSON.stringify({ relay: seed(), signers: [seed(), seed()] }), 0o600)
  }
  const file = v.parse(KeyFile, JSON.parse(readFileSync(path, 'utf8')))
  const [activeSigner, ...others] = file.signers.map((seed) => signingKeyFromSeed(fromBase64Url(seed)))
  if (!activeSigner) throw new Error('keys.json names no signer')
  return { relay: signingKeyFromSeed(fromBase64Url(file.relay)), activeSigner, signers: [activeSigner, ...others] }
}
