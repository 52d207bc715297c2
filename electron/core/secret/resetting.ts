/**
 * New keys by itself, when the session of an open chat opens nothing any more or is lost (docs/PROTOCOL-SECRET.md, "Reset").
 * At most once an hour for a chat, whatever comes: whoever can put rubbish into a mailbox gains no more than that.
 */
import type { DeviceBundle } from '../../../shared/protocol/secret.ts'
import { fromBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import { createPauses } from '../pauses.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { SecretBook } from './book.ts'
import { startSession } from './crypto/handshake.ts'
import { type Device, SecretError, type SessionState } from './crypto/types.ts'
import type { DeadlineClock } from './deadline-clock.ts'
import { type SecretChatRow, selectSecretChats } from './rows.ts'
import { deviceOfIdentity } from './sessions.ts'
import type { Threads } from './threads.ts'

export interface Resetting {
  /** Inside a `write`: a packet of this device did not open. `certain`: others that open change nothing about it. */
  failed(chatId: string, device: string, certain?: boolean): void
  /** Inside a `write`: a packet of the active session opened. */
  works(chatId: string): void
  /** Inside a `write`: something may be due. */
  soon(): void
  resume(): void
  close(): void
}

export interface ResettingDeps {
  readonly book: SecretBook
  readonly threads: Pick<Threads, 'renew'>
  readonly link: RelayLink
  readonly clock: Clock
  readonly deadlines: DeadlineClock
  readonly random: Random
  readonly log: Log
  device(): Device
  /** Something was sealed. */
  renewed(): void
}

const ANSWER_MS = 20_000
/** One damaged packet among good ones is no reason. */
const DOUBT_MS = 30_000
const EVERY_MS = 3_600_000
/** Instead of a time: nothing that opens later speaks against it. */
export const CERTAIN = 0
/** Timers do not see a machine sleep. */
const LOOK_MS = 60_000

export function createResetting(deps: ResettingDeps): Resetting {
  const { book, threads, link, clock, deadlines, random, log, device, renewed } = deps
  const closing = new AbortController()
  const busy = new Set<string>()
  const pauses = createPauses(clock, random, () => plan())
  let timer: Timer | null = null

  const broken = () =>
    selectSecretChats(
      book.store,
      `WHERE c.state = 'secured' AND (c.broken_at IS NOT NULL OR
         NOT EXISTS (SELECT 1 FROM secret_session WHERE chat_id = c.id AND role = 'active'))`,
    )
  const dueAt = ({ broken_at, reset_at }: SecretChatRow) =>
    Math.max((broken_at ?? CERTAIN) === CERTAIN ? 0 : (broken_at ?? 0) + DOUBT_MS, reset_at === null ? 0 : reset_at + EVERY_MS)

  const plan = () => {
    timer?.cancel()
    timer = null
    if (closing.signal.aborted || !link.online) return
    const now = deadlines.now()
    let next = Number.POSITIVE_INFINITY
    for (const chat of broken()) {
      const due = dueAt(chat)
      if (due > now) next = Math.min(next, due)
      else if (!busy.has(chat.id) && !pauses.has(chat.id)) void renew(chat)
    }
    if (Number.isFinite(next)) timer = clock.after(Math.min(LOOK_MS, next - now), plan)
  }
  /** After the transaction under way. */
  const planSoon = () => {
    timer?.cancel()
    timer = clock.after(0, plan)
  }

  const begin = (chat: SecretChatRow, devices: readonly DeviceBundle[]): SessionState | null => {
    const bundle = devices.find((one) => one.device === deviceOfIdentity(chat.identity))
    if (!bundle) return null
    try {
      return startSession(device(), bundle, { handle: chat.handle, account: fromBase64Url(chat.key) }, clock.now(), random)
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
      log.warn('a prekey bundle was refused', { code: error.code })
      return null
    }
  }

  const renew = async ({ id, handle, key }: SecretChatRow) => {
    busy.add(id)
    try {
      const answer = await within(clock, ANSWER_MS, closing.signal, (signal) => link.request('prekeys.take', { handle, key }, signal))
      if (!answer.ok) return pauses.start(id, answer.retryMs)
      pauses.clear(id)
      book.write(() => {
        // Meanwhile it may open again, or the other side has begun anew.
        const chat = broken().find((one) => one.id === id)
        if (!chat || dueAt(chat) > deadlines.now()) return
        // It counts also when nothing came of it: each costs the other side prekeys.
        book.setChat(id, { reset_at: deadlines.now(), broken_at: null })
        deadlines.remember()
        const state = begin(chat, answer.devices)
        if (state) threads.renew(id, state)
      })
      renewed()
    } catch (error) {
      if (closing.signal.aborted || !link.online) return
      log.warn('asking for new keys stopped', errorFacts(error))
      pauses.start(id)
    } finally {
      busy.delete(id)
      planSoon()
    }
  }

  return {
    failed(chatId, from, certain = false) {
      const chat = book.find(chatId)
      if (chat?.state !== 'secured' || from !== deviceOfIdentity(chat.identity)) return
      if (chat.broken_at !== null && !certain) return
      book.setChat(chatId, { broken_at: certain ? CERTAIN : deadlines.now() })
      planSoon()
    },
    works(chatId) {
      const at = book.find(chatId)?.broken_at
      if (at != null && at !== CERTAIN) book.setChat(chatId, { broken_at: null })
    },
    soon: planSoon,
    resume() {
      pauses.clearAll()
      plan()
    },
    close() {
      closing.abort()
      timer?.cancel()
      pauses.clearAll()
    },
  }
}
