/** A session as bytes for the store. */
import type { SessionState } from './types.ts'

export function encodeSession(_state: SessionState): Uint8Array {
  throw new Error('not yet')
}

/** Throws `damaged`. */
export function decodeSession(_bytes: Uint8Array): SessionState {
  throw new Error('not yet')
}
