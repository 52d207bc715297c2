/**
 * A session: bodies sealed into packets and opened again, with the ratchet, the re-keying and the count of bodies kept in step.
 * A session is a value: what fails to open leaves no trace, for the state before stays as it was.
 */
import type { Random } from '../../../../shared/util/random.ts'
import { decodeBody, encodeBody, type Item, NO_DIGEST } from './body.ts'
import { decodePacket, encodePacket, frontOf, isNewer } from './packet.ts'
import { equal } from './primitives.ts'
import { beginReceiving, beginSending, findChain, forgetSkipped, nextToSend, type Ratchet, takeKey } from './ratchet.ts'
import { freshRekeying, mixForOurs, mixForTheirs, owesTurn, type Rekeying, stepReceived, stepToSend } from './rekeying.ts'
import { type Header, openBody, openHeader, sc1, sealBody, sealHeader } from './suite.ts'
import type { DeviceIdentity, SessionState } from './types.ts'

export interface NewSession {
  readonly th: Uint8Array
  readonly sid: Uint8Array
  readonly peer: DeviceIdentity
  readonly ratchet: Ratchet
  /** What the initiator puts in front of its packets; `null` on the other side. */
  readonly prelude: Uint8Array | null
}

export function newSession({ th, sid, peer, ratchet, prelude }: NewSession): SessionState {
  return {
    th,
    sid,
    initiator: prelude !== null,
    peer,
    confirmed: false,
    prelude,
    ratchet,
    rekeying: freshRekeying,
    lastSent: NO_DIGEST,
    lastOpened: NO_DIGEST,
    highest: 0,
    opened: 0,
  }
}

/** Seals one body. Throws `too-large`; on the side that was asked only after it has opened a packet. */
export function seal(
  state: SessionState,
  items: readonly Item[],
  now: number,
  random: Random,
): { readonly state: SessionState; readonly packet: Uint8Array } {
  const first = state.ratchet.sending === null
  const turned = first ? turn(state.ratchet, state.rekeying, random) : state
  const { rekeying, kem } = stepToSend(turned.rekeying, state, first, now, random)
  const { padded, digest } = encodeBody({ previous: state.lastSent, items, kem })
  const { ratchet, header, headerKey, messageKey } = nextToSend(sc1, turned.ratchet)
  const sealedHeader = sealHeader(headerKey, { ...header, epoch: rekeying.epoch }, state.th, random)
  const front = frontOf(state.prelude)
  const body = sealBody(messageKey, padded, { th: state.th, direction: state.initiator ? 0 : 1, front, header: sealedHeader })
  return {
    state: { ...state, ratchet: forgetSkipped(ratchet, now), rekeying, lastSent: digest },
    packet: encodePacket({ front, header: sealedHeader, body }),
  }
}

function turn(ratchet: Ratchet, rekeying: Rekeying, random: Random) {
  const ours = mixForOurs(rekeying)
  return { rekeying: ours.rekeying, ratchet: beginSending(sc1, ratchet, ours.mix, random) }
}

export type Opened =
  | {
      readonly result: 'message'
      readonly state: SessionState
      readonly items: readonly Item[]
      /** Counts the bodies of this direction from 1. */
      readonly n: number
      /** How many of the bodies of this direction below the highest opened are not here. */
      readonly missing: number
      /** The body does not follow the one we have before it: the other side went back to an older state. */
      readonly forked: boolean
    }
  /** Its key is gone: it was opened before, or came too late. */
  | { readonly result: 'duplicate' }
  /** It says that it is of a version or suite after ours (not authenticated): to read it takes an update. */
  | { readonly result: 'newer' }
  | { readonly result: 'unreadable'; readonly why: Unreadable }

/**
 * `no-key`: no header key fits. `too-far`: the header is the peer's, and more before it is missing than may be skipped: nothing later
 * of this session opens either. `bad-packet`: altered, or against the protocol.
 */
export type Unreadable = 'bad-packet' | 'no-key' | 'too-far'

const unreadable = (why: Unreadable): Opened => ({ result: 'unreadable', why })

/** Opens one packet. Never throws for what is in it. */
export function open(state: SessionState, bytes: Uint8Array, now: number): Opened {
  if (isNewer(bytes)) return { result: 'newer' }
  const packet = decodePacket(bytes)
  // Only who began the session sends a prelude.
  if (!packet || (packet.prelude && state.initiator)) return unreadable('bad-packet')
  const found = findChain(state.ratchet, (headerKey) => openHeader(headerKey, packet.header, state.th))
  if (!found) return unreadable('no-key')
  if (found.header === 'malformed') return unreadable('bad-packet')
  const key = keyOf(state, found.header, found.chain, now)
  if (key === 'duplicate') return { result: 'duplicate' }
  if (key === 'too-far') return unreadable('too-far')
  if (key === 'impossible') return unreadable('bad-packet')
  const plain = openBody(key.messageKey, packet.body, { ...packet, th: state.th, direction: state.initiator ? 1 : 0 })
  const body = plain && decodeBody(plain)
  const rekeying = body && stepReceived(key.rekeying, state, body.kem)
  if (!body || !rekeying) return unreadable('bad-packet')
  const isNewest = key.n > state.highest
  const highest = isNewest ? key.n : state.highest
  const opened = state.opened + 1
  return {
    result: 'message',
    state: {
      ...state,
      confirmed: true,
      prelude: null,
      ratchet: forgetSkipped(key.ratchet, now),
      rekeying,
      lastOpened: isNewest ? body.digest : state.lastOpened,
      highest,
      opened,
    },
    items: body.items,
    n: key.n,
    missing: highest - opened,
    forked: key.n === state.highest + 1 && !equal(body.previous, state.lastOpened),
  }
}

/** The key that a header points to, everything it needs to have stepped on, and the number of its body. */
function keyOf(state: SessionState, header: Header, chain: number | null, now: number) {
  let { ratchet, rekeying } = state
  if (chain === null) {
    const theirs = mixForTheirs(rekeying, header.epoch)
    if (!theirs) return 'impossible'
    const stepped = step(ratchet, header, theirs.mix, now)
    if (typeof stepped === 'string') return stepped
    ratchet = stepped
    rekeying = theirs.rekeying
  }
  const index = chain ?? 0
  const taken = takeKey(sc1, ratchet, index, header, now)
  if (typeof taken === 'string') return taken
  const base = ratchet.chains[index]?.base ?? 0
  return { ...taken, rekeying, n: base + header.n + 1 }
}

function step(ratchet: Ratchet, header: Header, mix: Parameters<typeof sc1.root>[2], now: number) {
  try {
    return beginReceiving(sc1, ratchet, header, mix, now)
  } catch {
    // A ratchet key of low order.
    return 'impossible'
  }
}

/** Whether a protocol answer is owed: send a body soon, without items if there are none. */
export const needsTurn = (state: SessionState): boolean => owesTurn(state.rekeying)
