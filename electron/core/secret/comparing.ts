/**
 * Making sure that nobody sits in between: the safety number, and emoji compared live. The emoji are safe because one side
 * commits to its number before it sees the other's (docs/PROTOCOL-SECRET.md, "Comparing"). A comparison under way lives in
 * memory only: after a restart it is begun again.
 */
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Comparing, Safety } from '../../../shared/contract/secret.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { SecretBook } from './book.ts'
import type { Item } from './crypto/body.ts'
import { emojiCommitment, emojiSymbols } from './crypto/emoji.ts'
import { safetyDigits } from './crypto/safety.ts'
import type { Device } from './crypto/types.ts'
import type { Postbox } from './postbox.ts'
import type { KeptSession, Sessions } from './sessions.ts'

type CompareItem = Extract<Item, { kind: 'compare' }>

export interface Comparer {
  view(chatId: string): Comparing | null
  /** Throws `refused` while there is nobody whose keys are known. */
  safety(chatId: string): Safety
  /** Asks the other side to compare, or agrees to. Throws `refused` when the chat is not open. */
  compare(chatId: string): void
  /** Inside a `write`. */
  heard(session: KeptSession, item: CompareItem): void
  /** Inside a `write`: it is over, however it came out. */
  finish(chatId: string): void
}

export interface ComparerDeps {
  readonly book: () => SecretBook
  readonly sessions: Sessions
  readonly postbox: () => Postbox
  readonly random: Random
  device(): Device
}

/** `asker` has committed; `answerer` was asked, and has answered once it has a number of its own. */
type Round =
  | { readonly role: 'asker'; readonly own: Uint8Array; readonly symbols: number[] | null }
  | { readonly role: 'answerer'; readonly commitment: Uint8Array; readonly own: Uint8Array | null; readonly symbols: number[] | null }

const NUMBER_BYTES = 32

export function createComparer({ book, sessions, postbox, random, device }: ComparerDeps): Comparer {
  const rounds = new Map<string, Round>()

  const peerSession = (chatId: string): KeptSession => {
    const { state } = book().chat(chatId)
    const role = state === 'secured' ? 'active' : state === 'waiting' ? 'ringing' : 'asked'
    // New keys that we found when we began anew are ours to ring.
    const session = sessions.withRole(chatId, role)[0] ?? (state === 'changed' ? sessions.withRole(chatId, 'ringing')[0] : undefined)
    if (!session) throw new BackendError('refused', 'no keys to compare yet')
    return session
  }
  const say = (chatId: string, step: CompareItem['step'], data: Uint8Array | null) =>
    postbox().post(chatId, { kind: 'compare', step, data: data ? toBase64Url(data) : '' })
  const set = (chatId: string, round: Round | null) => {
    if (round) rounds.set(chatId, round)
    else rounds.delete(chatId)
    book().touchChat(chatId)
  }

  const fail = (chatId: string) => {
    set(chatId, null)
    book().notice(chatId, { code: 'compare-failed' })
    say(chatId, 'cancel', null)
  }

  return {
    view(chatId) {
      const round = rounds.get(chatId)
      if (!round) return null
      if (round.symbols) return { phase: 'show', symbols: round.symbols }
      return { phase: round.own === null ? 'asked' : 'waiting' }
    },
    safety(chatId) {
      const { state } = peerSession(chatId)
      return { digits: safetyDigits(device().identity, state.peer), compared: book().chat(chatId).compared }
    },
    compare(chatId) {
      if (book().chat(chatId).state !== 'secured') throw new BackendError('refused', 'nobody to compare with yet')
      const round = rounds.get(chatId)
      if (round?.own) return
      const own = random.bytes(NUMBER_BYTES)
      book().write(() => {
        set(chatId, round?.role === 'answerer' ? { ...round, own } : { role: 'asker', own, symbols: null })
        if (round?.role === 'answerer') say(chatId, 'answer', own)
        else say(chatId, 'commit', emojiCommitment(own))
      })
      postbox().poke()
    },
    heard({ chatId, role, state }, { step, data }) {
      if (role !== 'active') return
      const round = rounds.get(chatId)
      if (step === 'cancel') {
        if (round) set(chatId, null)
        return
      }
      const bytes = fromBase64Url(data)
      if (bytes.length !== NUMBER_BYTES) return
      if (step === 'commit') {
        // Both asked at once: the question of the session's initiator counts.
        if (round?.role === 'asker' && round.symbols === null && state.initiator) return
        set(chatId, { role: 'answerer', commitment: bytes, own: null, symbols: null })
      } else if (step === 'answer' && round?.role === 'asker' && round.symbols === null) {
        set(chatId, { ...round, symbols: emojiSymbols(state.th, round.own, bytes) })
        say(chatId, 'reveal', round.own)
      } else if (step === 'reveal' && round?.role === 'answerer' && round.own && round.symbols === null) {
        const isTrue = toBase64Url(emojiCommitment(bytes)) === toBase64Url(round.commitment)
        if (isTrue) set(chatId, { ...round, symbols: emojiSymbols(state.th, bytes, round.own) })
        else fail(chatId)
      }
    },
    finish(chatId) {
      if (rounds.has(chatId)) set(chatId, null)
    },
  }
}
