/** Post-quantum re-keying. */
export interface Rekeying {
  readonly epoch: number
}
