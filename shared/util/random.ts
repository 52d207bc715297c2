/** Randomness as a dependency. `bytes` must be cryptographic wherever keys, ids or nonces are made. */
export interface Random {
  bytes(length: number): Uint8Array
  /** Uniform in [0, 1). */
  fraction(): number
}

/** Repeatable and NOT cryptographic: the lab's draws and tests only. (mulberry32) */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    fraction,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(fraction() * 256)),
  }
}
