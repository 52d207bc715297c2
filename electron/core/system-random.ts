/** Randomness of the operating system. */
import { randomBytes } from 'node:crypto'
import type { Random } from '../../shared/util/random.ts'

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  // 48 bits: as many as a fraction needs for jitter, and exact in a double.
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
