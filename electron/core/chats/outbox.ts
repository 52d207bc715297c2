/**
 * Sends what is still to go, in order within a chat; chats do not wait for each other. Several messages of a chat are under
 * way at once, which keeps their order because the relay reads a connection in order and, once it refuses a message for
 * the moment, refuses all others of the same turn. After any such failure nothing new goes until all answers are here, and
 * then the next turn begins with the first that is left. A message keeps its number until the relay has it, so asking again after a
 * lost answer never doubles it.
 */
import { setMaxListeners } from 'node:events'
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
/** Messages of one chat under way at once: 200 a second at a round trip of 80 ms. */
const WINDOW = 16

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

/** What of one chat is under way. */
interface Lane {
  readonly flying: Set<number>
  /** Counts how often this chat began again on this connection; the relay takes nothing of a turn it has refused. */
  turn: number
  /** Something failed for the moment: nothing new until all of these have landed. */
  halted: boolean
  /** A file: its message may be refused for the file's sake, so nothing is sent behind it. */
  alone: boolean
}

export function createOutbox({ ledger, link, clock, random, log, needsUpload, uploadAgain }: OutboxDeps): Outbox {
  const { store } = ledger
  let lanes = new Map<string, Lane>()
  const closing = new AbortController()
  // One for each request under way: many, and taken off again.
  setMaxListeners(0, closing.signal)
  const pauses = createPauses(clock, random, () => pump())

  const waiting = () =>
    store.all<{ chat_id: string }>('SELECT DISTINCT chat_id FROM message WHERE mine = 1 AND seq IS NULL AND failure IS NULL')
  const next = (chatId: string, { flying }: Lane) =>
    selectMessages(store, 'WHERE m.chat_id = ? AND m.mine = 1 AND m.seq IS NULL AND m.failure IS NULL ORDER BY m.ord LIMIT ?', [
      chatId,
      WINDOW + 1,
    ]).find(({ ord }) => !flying.has(ord))

  const laneOf = (chatId: string): Lane => {
    const lane = lanes.get(chatId) ?? { flying: new Set(), turn: 0, halted: false, alone: false }
    lanes.set(chatId, lane)
    return lane
  }
  const mayGo = (chatId: string) => !closing.signal.aborted && link.online && !pauses.has(EVERYTHING) && !pauses.has(chatId)

  const pump = () => {
    if (closing.signal.aborted || !link.online || pauses.has(EVERYTHING)) return
    for (const { chat_id } of waiting()) fill(chat_id)
  }

  const fill = (chatId: string) => {
    const lane = laneOf(chatId)
    while (!lane.halted && !lane.alone && lane.flying.size < WINDOW && mayGo(chatId)) {
      const row = next(chatId, lane)
      if (!row) return
      if (row.kind === 'file') {
        if (lane.flying.size > 0) return
        if (row.media === null) {
          needsUpload(row.ord)
          return
        }
        lane.alone = true
      }
      lane.flying.add(row.ord)
      void fly(row, lane)
    }
  }

  const fly = async (row: MessageRow, lane: Lane) => {
    try {
      await sendOne(row, lane)
    } catch (error) {
      if (closing.signal.aborted) return
      log.warn('outbox stopped', errorFacts(error))
      lane.halted = true
      pauses.start(row.chat_id)
    }
    lane.flying.delete(row.ord)
    lane.alone = false
    if (lane.halted && lane.flying.size === 0) {
      lane.halted = false
      lane.turn += 1
    }
    // What flew in an earlier session has no say in this one.
    if (lanes.get(row.chat_id) === lane) fill(row.chat_id)
  }

  const sendOne = async (row: MessageRow, lane: Lane) => {
    const contact = ledger.chat(row.chat_id)
    const wait = (key: string, ms?: number) => {
      lane.halted = true
      pauses.start(key, ms)
    }
    let answer: Awaited<ReturnType<typeof ask>>
    const message = { cid: row.cid, turn: lane.turn, to: contact.handle, toKey: contact.key, body: bodyOf(row) }
    const ask = (signal: AbortSignal) => link.request('message.send', message, signal)
    try {
      answer = await within(clock, ANSWER_MS, closing.signal, ask)
    } catch (error) {
      // Lost before the answer: whether the relay has it will show when the same number is asked again.
      if (!link.online || lanes.get(row.chat_id) !== lane || closing.signal.aborted) return
      log.warn('no answer to a message', errorFacts(error))
      wait(row.chat_id)
      return
    }
    if (closing.signal.aborted) return
    if (answer.ok) {
      pauses.clear(row.chat_id)
      confirmSent(ledger, row.ord, answer.seq, answer.at)
      return
    }
    const fate = fateOf(answer.code)
    if (fate === 'wait-all') wait(EVERYTHING, answer.retryMs)
    else if (fate === 'wait') wait(row.chat_id, answer.retryMs)
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
      // Answers of the session before will not come; what they were for goes again, from the first.
      lanes = new Map()
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
