/** Two ends of one talk, whoever's protocol it is, and how fast words get from one to the other. */
import { randomUUID } from 'node:crypto'
import type { Item } from '../../../electron/core/secret/crypto/body.ts'

/** What one end does with one text: seals it, or opens it, and keeps what must be kept before it returns. */
export interface End {
  write(text: TextItem): Uint8Array | Promise<Uint8Array>
  /** Throws when it does not open. Answers what the protocol itself owes the other side at once. */
  read(packet: Uint8Array): Uint8Array | null | Promise<Uint8Array | null>
}

export type TextItem = Extract<Item, { kind: 'text' }>

export interface Talk {
  readonly ends: readonly [End, End]
  end?(): void
}

const WORDS = 'Shall we meet at the bridge at seven?'
export const shortText = (): TextItem => ({ kind: 'text', id: randomUUID(), text: WORDS, ttl: null, cap: 1_800_000_000_000 })

/** One text from one end to the other, and what the protocol says because of it. Answers the bytes that went over the wire. */
export async function say({ ends }: Talk, from: 0 | 1): Promise<number> {
  let bytes = 0
  let at: 0 | 1 = from
  let packet: Uint8Array | null = await ends[at].write(shortText())
  while (packet) {
    bytes += packet.length
    at = at === 0 ? 1 : 0
    packet = await ends[at].read(packet)
  }
  return bytes
}

/** How often a second `work` is done, in about `ms`. */
export async function perSecond(ms: number, work: () => unknown): Promise<number> {
  const begun = performance.now()
  let done = 0
  let seconds = 0
  do {
    // The clock is not asked after every one.
    for (let i = 0; i < 10; i++, done++) await work()
    seconds = (performance.now() - begun) / 1000
  } while (seconds * 1000 < ms)
  return done / seconds
}

/** Each message answers the one before: every one of them turns the ratchet. */
export function alternating(talk: Talk): () => Promise<number> {
  let from: 0 | 1 = 1
  return () => {
    from = from === 0 ? 1 : 0
    return say(talk, from)
  }
}

export const oneWay = (talk: Talk) => () => say(talk, 0)
