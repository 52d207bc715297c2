/**
 * Sends what is still to go, strictly in order within a chat; chats do not wait for each other. One message of a chat is
 * under way at a time: were the relay to refuse one for a moment and take the next, the order would be lost for good.
 * A message keeps its number until the relay has it, so asking again after a lost answer never doubles it.
 */
import type { failureReasons } from '../../../shared/contract/chat.ts'
import type { RefusalCode, WireBody } from '../../../shared/protocol/relay.ts'
import { assertNever } from '../../../shared/util/assert-never.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { Ledger } from './ledger.ts'
import { createPauses } from './pauses.ts'
import { type MessageRow, selectMessages } from './rows.ts'

export interface Outbox {
  /** Something new is to go, or can go now. */
  poke(): void
  /** A connection began: no pause from before counts any more. */
  resume(): void
  close(): void
}

export interface OutboxDeps {
  readonly ledger: Ledger
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The file of this message is not at the relay yet. Whoever brings it there pokes. */
  needsUpload(ord: number): void
  /** The relay does not have the file after all. False when there is no point in sending it again. */
  uploadAgain(ord: number): boolean
}

/** Long past the time in which a live connection answers; reach usually notices a dead one before. */
const ANSWER_MS = 20_000
const EVERYTHING = 'everything'

type Fate = { readonly fails: (typeof failureReasons)[number] } | 'wait' | 'wait-all' | 'upload'

function fateOf(code: RefusalCode): Fate {
  switch (code) {
    case 'unknown-handle':
    case 'wrong-key':
    case 'too-large':
      return { fails: code }
    case 'bad-input':
      return { fails: 'rejected' }
    case 'not-found':
      return 'upload'
    case 'rate-limited':
    case 'overloaded':
      return 'wait-all'
    case 'internal':
      return 'wait'
    default:
      return assertNever(code)
  }
}

const bodyOf = (row: MessageRow): WireBody =>
  row.kind === 'file' && row.media !== null
    ? { kind: 'file', media: row.media, name: row.text, type: row.type ?? '', size: row.size ?? 0 }
    : { kind: 'text', text: row.text }

export function createOutbox({ ledger, link, clock, random, log, needsUpload, uploadAgain }: OutboxDeps): Outbox {
  const { store } = ledger
  const busy = new Set<string>()
  let session = 0
  const closing = new AbortController()
  const pauses = createPauses(clock, random, () => pump())

  const waiting = () =>
    store.all<{ chat_id: string }>('SELECT DISTINCT chat_id FROM message WHERE mine = 1 AND seq IS NULL AND failure IS NULL')
  const head = (chatId: string) =>
    selectMessages(store, 'WHERE m.chat_id = ? AND m.mine = 1 AND m.seq IS NULL AND m.failure IS NULL ORDER BY m.ord LIMIT 1', [chatId])[0]

  const mayGo = (chatId: string) => !closing.signal.aborted && link.online && !pauses.has(EVERYTHING) && !pauses.has(chatId)

  const pump = () => {
    if (closing.signal.aborted || !link.online || pauses.has(EVERYTHING)) return
    for (const { chat_id } of waiting()) if (!busy.has(chat_id)) void drain(chat_id)
  }

  const drain = async (chatId: string) => {
    busy.add(chatId)
    try {
      while (mayGo(chatId)) {
        const row = head(chatId)
        if (!row) break
        if (row.kind === 'file' && row.media === null) {
          needsUpload(row.ord)
          break
        }
        await sendOne(row)
      }
    } catch (error) {
      if (closing.signal.aborted) return
      log.warn('outbox stopped', errorFacts(error))
      pauses.start(chatId)
    } finally {
      busy.delete(chatId)
    }
  }

  const sendOne = async (row: MessageRow) => {
    const contact = ledger.chat(row.chat_id)
    const sentIn = session
    let answer: Awaited<ReturnType<typeof ask>>
    const ask = (signal: AbortSignal) =>
      link.request('message.send', { cid: row.cid, to: contact.handle, toKey: contact.key, body: bodyOf(row) }, signal)
    try {
      answer = await within(clock, ANSWER_MS, closing.signal, ask)
    } catch (error) {
      // Lost before the answer: whether the relay has it will show when the same number is asked again.
      if (link.online && session === sentIn && !closing.signal.aborted) {
        log.warn('no answer to a message', errorFacts(error))
        pauses.start(row.chat_id)
      }
      return
    }
    if (closing.signal.aborted) return
    if (answer.ok) {
      pauses.clear(row.chat_id)
      confirmSent(ledger, row.ord, answer.seq, answer.at)
      return
    }
    const fate = fateOf(answer.code)
    if (fate === 'wait-all') pauses.start(EVERYTHING, answer.retryMs)
    else if (fate === 'wait') pauses.start(row.chat_id, answer.retryMs)
    else if (fate !== 'upload') fail(row, fate.fails)
    else if (row.kind !== 'file' || !uploadAgain(row.ord)) fail(row, row.kind === 'file' ? 'file-lost' : 'rejected')
  }

  const fail = (row: MessageRow, reason: (typeof failureReasons)[number]) => {
    ledger.write(() => {
      // The stream may have shown it meanwhile: then the relay has it.
      if (store.run('UPDATE message SET failure = ? WHERE ord = ? AND seq IS NULL', [reason, row.ord]) === 0) return
      ledger.touchMessage(row.ord)
      ledger.touchChat(row.chat_id)
    })
  }

  return {
    poke: pump,
    resume() {
      session += 1
      pauses.clearAll()
      pump()
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}

/** The relay has our message: by its answer or by showing it in the stream, whichever comes first; the second changes nothing. */
export function confirmSent(ledger: Ledger, ord: number, seq: number, at: number): void {
  ledger.write(() => {
    const changed = ledger.store.run('UPDATE message SET seq = ?, at = ?, failure = NULL WHERE ord = ? AND seq IS NULL', [seq, at, ord])
    if (changed === 0) return
    ledger.touchMessage(ord)
    ledger.touchChat(ledger.row({ ord }).chat_id)
  })
}
