/** Comparing by emoji. */
export function emojiCommitment(_secret: Uint8Array): Uint8Array {
  throw new Error('not yet')
}

/** Seven numbers below 64. `a` is the asker's secret, `b` the answer. */
export function emojiSymbols(_th: Uint8Array, _a: Uint8Array, _b: Uint8Array): number[] {
  throw new Error('not yet')
}
