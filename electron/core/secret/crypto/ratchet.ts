/** The Double Ratchet. */
export interface Ratchet {
  readonly root: Uint8Array
}
