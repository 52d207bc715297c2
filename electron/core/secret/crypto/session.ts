/** A session: bodies sealed into packets and opened again. */
import type { Random } from '../../../../shared/util/random.ts'
import type { Item } from './body.ts'
import type { SessionState } from './types.ts'

export type Opened =
  | {
      readonly result: 'message'
      readonly state: SessionState
      readonly items: readonly Item[]
      /** Counts the bodies of this direction from 1. */
      readonly n: number
      /** How many of the bodies of this direction up to the highest seen are not here. */
      readonly missing: number
      /** The body does not follow the one we have before it: the other side's state went back in time. */
      readonly forked: boolean
    }
  | { readonly result: 'duplicate' }
  | { readonly result: 'unreadable'; readonly why: 'bad-packet' | 'no-key' | 'too-far' }

/** Throws `too-large`. */
export function seal(
  _state: SessionState,
  _items: readonly Item[],
  _now: number,
  _random: Random,
): { readonly state: SessionState; readonly packet: Uint8Array } {
  throw new Error('not yet')
}

/** Never throws for what is in the packet. */
export function open(_state: SessionState, _packet: Uint8Array, _now: number): Opened {
  throw new Error('not yet')
}

/** Whether a protocol answer is owed: send a body, without items if there are none. */
export function needsTurn(_state: SessionState): boolean {
  throw new Error('not yet')
}
