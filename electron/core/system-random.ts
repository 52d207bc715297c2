/** Randomness of the operating system. */
import { randomBytes, randomFillSync } from 'node:crypto'
import type { Random } from '../../shared/util/random.ts'

export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
  // 48 bits: as many as a fraction needs for jitter, and exact in a double.
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
