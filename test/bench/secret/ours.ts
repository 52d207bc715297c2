/** Talks of suite SC1, with the functions of the product. */
import { openFirst, startSession } from '../../../electron/core/secret/crypto/handshake.ts'
import { needsTurn, open, seal } from '../../../electron/core/secret/crypto/session.ts'
import { decodeSession, encodeSession } from '../../../electron/core/secret/crypto/session-bytes.ts'
import type { SessionState } from '../../../electron/core/secret/crypto/types.ts'
import { systemRandom as random } from '../../../electron/core/system-random.ts'
import { person } from '../../unit/secret/crypto/people.ts'
import { type End, shortText, type Talk, type TextItem } from './ends.ts'
import type { Kept } from './kept.ts'

const now = () => Date.now()

export interface Met {
  readonly states: readonly [SessionState, SessionState]
  readonly first: Uint8Array
}

/** Two people whose prekeys are ready; each call is one handshake with a first text that opens. `kept`: and is on both disks. */
export function ourMeetings(kept: readonly [Kept, Kept] | null = null): () => Met {
  const [alice, bob] = [person('alice', random, {}, now()), person('bob', random, {}, now())]
  return () => {
    const item = shortText()
    const started = startSession(alice.device, bob.bundle, bob.device.identity, now(), random)
    const sent = seal(started, [item], now(), random)
    kept?.[0].store.transaction(() => {
      kept[0].begin(encodeSession(started))
      kept[0].sent(encodeSession(sent.state), sent.packet, item)
    })
    const opened = openFirst(bob.device, alice.device.identity, sent.packet, bob.prekeys, now())
    kept?.[1].store.transaction(() => {
      kept[1].begin(encodeSession(opened.state))
      kept[1].received(encodeSession(opened.state), textsOf(opened.items))
    })
    return { states: [sent.state, opened.state], first: sent.packet }
  }
}

const textsOf = (items: readonly { kind: string }[]) => items.filter((item): item is TextItem => item.kind === 'text')

function createEnd(begun: SessionState, kept: Kept | null): End {
  let held = begun
  const state = () => {
    const bytes = kept?.state()
    return bytes ? decodeSession(bytes) : held
  }
  const put = (items: readonly TextItem[], from = state()) => {
    const sealed = seal(from, items, now(), random)
    if (kept) kept.sent(encodeSession(sealed.state), sealed.packet, items[0] ?? null)
    else held = sealed.state
    return sealed.packet
  }
  return {
    write: (item) => put([item]),
    read(packet) {
      const opened = open(state(), packet, now())
      if (opened.result !== 'message') throw new Error(`ours: ${JSON.stringify(opened)}`)
      if (kept) kept.received(encodeSession(opened.state), textsOf(opened.items))
      else held = opened.state
      return needsTurn(opened.state) ? put([]) : null
    },
  }
}

/** A talk that has begun: both have written. */
export function ourTalk(kept: readonly [Kept, Kept] | null = null): Talk & { readonly first: Uint8Array } {
  const { states, first } = ourMeetings(kept)()
  return { ends: [createEnd(states[0], kept?.[0] ?? null), createEnd(states[1], kept?.[1] ?? null)], first }
}

/** A state in the middle of a talk, and the next packet to it. */
export function ourStates(): { state: SessionState; packet: Uint8Array } {
  const { states } = ourMeetings()()
  const answer = seal(states[1], [shortText()], now(), random)
  const back = open(states[0], answer.packet, now())
  if (back.result !== 'message') throw new Error('the answer does not open')
  const { packet } = seal(back.state, [shortText()], now(), random)
  return { state: answer.state, packet }
}

export function openOurs(state: SessionState, packet: Uint8Array): void {
  if (open(state, packet, now()).result === 'message') throw new Error('garbage was opened')
}

export function restoreOurs(kept: Kept): () => unknown {
  const bytes = kept.state() ?? new Uint8Array(0)
  return () => decodeSession(bytes)
}
