/** Comparing by emoji in a call: commit, answer, reveal, so that whoever sits in between has one guess in 2^42. */
import { concat, fields, utf8 } from '../../../../shared/util/bytes.ts'
import { hash, hkdf } from './primitives.ts'

const SYMBOLS = 7
const BITS = 6

/** What the asker sends of its secret (32 random bytes) before it has seen the answer. */
export const emojiCommitment = (secret: Uint8Array): Uint8Array => hash(32, fields('SC1 emoji commit', secret))

/** Seven numbers below 64. `a` is the asker's secret, `b` the answer. */
export function emojiSymbols(th: Uint8Array, a: Uint8Array, b: Uint8Array): number[] {
  const bytes = hkdf(th, concat(a, b), utf8('SC1 emoji'), 6)
  const bits = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return Array.from({ length: SYMBOLS }, (_, i) => Number((bits >> BigInt(48 - BITS * (i + 1))) & 63n))
}
