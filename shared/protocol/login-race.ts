/**
 * What the nonce of a login says of the race it is from. A client that tries several ways at once may log in by more than one of
 * them; the relay keeps those of one race side by side, so that whichever the client takes is still there, and lets none that was
 * long on its way take the place of a later one.
 */
import { toBase64Url } from '../util/bytes.ts'

export interface LoginRace {
  /** One run of a client; another one knows nothing of it. */
  readonly run: string
  /** Counts the races of a run. */
  readonly race: number
}

export const RUN_BYTES = 4
const COUNTER_BYTES = 4
/** Of a nonce, which must be 16 bytes; the rest is chance. */
const CHANCE_BYTES = 8

/** `chance` gives fresh random bytes. */
export function raceNonce(run: Uint8Array, race: number, chance: (length: number) => Uint8Array): Uint8Array {
  const nonce = new Uint8Array(RUN_BYTES + COUNTER_BYTES + CHANCE_BYTES)
  nonce.set(run.subarray(0, RUN_BYTES))
  new DataView(nonce.buffer).setUint32(RUN_BYTES, race)
  nonce.set(chance(CHANCE_BYTES), RUN_BYTES + COUNTER_BYTES)
  return nonce
}

/** Of any nonce: one made by chance alone is a run of its own, but for one in four thousand million. */
export function raceOf(nonce: Uint8Array): LoginRace {
  const view = new DataView(nonce.buffer, nonce.byteOffset, nonce.byteLength)
  return { run: toBase64Url(nonce.subarray(0, RUN_BYTES)), race: view.getUint32(RUN_BYTES) }
}
