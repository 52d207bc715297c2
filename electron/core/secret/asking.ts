/** Begins secret chats: takes a bundle of each of the other person's devices and rings them all. Works on whenever there is a connection. */
import type { DeviceBundle } from '../../../shared/protocol/secret.ts'
import { fromBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import { createPauses } from '../pauses.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { SecretBook } from './book.ts'
import { startSession } from './crypto/handshake.ts'
import { type Device, SecretError } from './crypto/types.ts'
import type { Postbox } from './postbox.ts'
import { type SecretChatRow, selectSecretChats } from './rows.ts'
import type { Sessions } from './sessions.ts'

export interface Asking {
  poke(): void
  resume(): void
  close(): void
}

export interface AskingDeps {
  readonly book: SecretBook
  readonly sessions: Sessions
  readonly postbox: Postbox
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  device(): Device
}

const ANSWER_MS = 20_000
/** More devices of one person than this do not ring. */
const MAX_RINGING = 4

export function createAsking({ book, sessions, postbox, link, clock, random, log, device }: AskingDeps): Asking {
  const closing = new AbortController()
  const busy = new Set<string>()
  const pauses = createPauses(clock, random, () => pump())

  const pump = () => {
    if (closing.signal.aborted || !link.online) return
    const silent = selectSecretChats(
      book.store,
      "WHERE c.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM secret_session WHERE chat_id = c.id AND role = 'ringing')",
    )
    for (const chat of silent) if (!busy.has(chat.id) && !pauses.has(chat.id)) void ring(chat)
  }

  const start = (chat: SecretChatRow, bundle: DeviceBundle) => {
    try {
      return [startSession(device(), bundle, { handle: chat.handle, account: fromBase64Url(chat.key) }, clock.now(), random)]
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
      log.warn('a prekey bundle was refused', { code: error.code })
      return []
    }
  }

  const ring = async (chat: SecretChatRow) => {
    busy.add(chat.id)
    try {
      const answer = await within(clock, ANSWER_MS, closing.signal, (signal) =>
        link.request('prekeys.take', { handle: chat.handle, key: chat.key }, signal),
      )
      if (!answer.ok) return pauses.start(chat.id, answer.retryMs)
      book.write(() => {
        // Meanwhile they may have asked us, or the user ended it.
        if (book.chat(chat.id).state !== 'waiting') return
        const states = answer.devices.slice(0, MAX_RINGING).flatMap((bundle) => start(chat, bundle))
        for (const state of states) postbox.tell(sessions.add(chat.id, 'ringing', state), [])
        if (states.length === 0) {
          noticeOnce(chat.id)
          // Somebody who has no device for this yet may have one soon.
          pauses.start(chat.id)
        }
        postbox.flush(chat.id)
      })
      postbox.poke()
    } catch (error) {
      if (closing.signal.aborted || !link.online) return
      log.warn('asking for a secret chat stopped', errorFacts(error))
      pauses.start(chat.id)
    } finally {
      busy.delete(chat.id)
    }
  }

  const noticeOnce = (chatId: string) => {
    const notice = { code: 'peer-has-no-device' } as const
    const newest = book.store.get<{ text: string }>(
      "SELECT text FROM secret_message WHERE chat_id = ? AND kind = 'notice' ORDER BY ord DESC LIMIT 1",
      [chatId],
    )
    if (newest?.text !== JSON.stringify(notice)) book.notice(chatId, notice)
  }

  return {
    poke: pump,
    resume() {
      pauses.clearAll()
      pump()
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
