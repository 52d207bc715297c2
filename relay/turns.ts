/**
 * Keeps the order of what one connection has under way to one person. Once a message was refused for the moment, what the
 * client had sent behind it is refused too, however late it comes: its turn is over. The client begins the next turn when it
 * has all answers, with the oldest it still has.
 */
import type { RefusalCode } from '../shared/protocol/relay.ts'

/** Far more than a connection has chats in trouble at once. */
const MAX_RECIPIENTS = 1000

export interface Message {
  /** Whose order is to be kept: the recipient, or one device of theirs. */
  readonly to: string
  readonly turn: number
}

export class Turns {
  readonly #over = new Map<string, { readonly turn: number; readonly code: RefusalCode }>()

  /** Why this message cannot be taken: a message of its turn, or of a later one, was refused. */
  over({ to, turn }: Message): RefusalCode | null {
    const over = this.#over.get(to)
    return over && turn <= over.turn ? over.code : null
  }

  /** This message was refused for the moment. False when a client has this in so many chats that they cannot be told apart any more. */
  end({ to, turn }: Message, code: RefusalCode): boolean {
    this.#over.set(to, { turn: Math.max(turn, this.#over.get(to)?.turn ?? 0), code })
    return this.#over.size <= MAX_RECIPIENTS
  }
}
