/** A talk in the middle, and packets of it that somebody altered: for the tests of what must not open. */
import { expect } from 'vitest'
import { type Opened, open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import type { SessionState } from '../../../../electron/core/secret/crypto/types.ts'
import { meet, NOW, read, text } from './people.ts'

export const BAD: Opened = { result: 'unreadable', why: 'bad-packet' }
export const NO_KEY: Opened = { result: 'unreadable', why: 'no-key' }

/** Alice and Bob in the middle of a talk, each having sent in the newest chain. */
export function talking(seed: number) {
  const { alice, bob, random, ...rest } = meet(seed)
  const one = seal(bob, [text('from bob')], NOW, random)
  const two = seal(read(alice, one.packet).state, [text('from alice')], NOW, random)
  return { ...rest, alice: two.state, bob: read(one.state, two.packet).state, random, packets: [one.packet, two.packet] as const }
}

/** Opening must fail and leave no trace. */
export function refuse(state: SessionState, packet: Uint8Array): Opened {
  const before = encodeSession(state)
  const opened = open(state, packet, NOW)
  expect(opened.result).not.toBe('message')
  expect(Buffer.compare(encodeSession(state), before)).toBe(0)
  return opened
}

export const setAt = (packet: Uint8Array, at: number, byte: number) => packet.with(at, byte)

export const flip = (packet: Uint8Array, at: number, bit = 1) => {
  const altered = packet.slice()
  altered[at] = (altered[at] ?? 0) ^ bit
  return altered
}
