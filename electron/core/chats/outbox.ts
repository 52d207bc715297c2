/** Cloud messages still to go, one lane for each chat. A message keeps its number until the relay has it, so asking again after a lost answer never doubles it. */
import type { failureReasons } from '../../../shared/contract/chat.ts'
import type { RefusalCode, RequestOutput, WireBody } from '../../../shared/protocol/relay.ts'
import { assertNever } from '../../../shared/util/assert-never.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { createLanes, type Lanes, type Sent } from '../lanes.ts'
import type { Log } from '../log.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { Ledger } from './ledger.ts'
import { type MessageRow, selectMessages } from './rows.ts'

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

type Fate = { readonly fails: (typeof failureReasons)[number] } | 'wait' | 'wait-all' | 'upload'

function fateOf(code: RefusalCode): Fate {
  switch (code) {
    case 'unknown-handle':
    case 'wrong-key':
    case 'too-large':
      return { fails: code }
    case 'unknown-device':
    case 'bad-input':
      return { fails: 'rejected' }
    case 'not-found':
      return 'upload'
    case 'rate-limited':
    case 'overloaded':
      return 'wait-all'
    case 'internal':
    case 'mailbox-full':
      return 'wait'
    default:
      return assertNever(code)
  }
}

const bodyOf = (row: MessageRow): WireBody =>
  row.kind === 'file' && row.media !== null
    ? { kind: 'file', media: row.media, name: row.text, type: row.type ?? '', size: row.size ?? 0 }
    : { kind: 'text', text: row.text }

export function createOutbox({ ledger, link, clock, random, log, needsUpload, uploadAgain }: OutboxDeps): Lanes {
  const { store } = ledger

  const fail = (row: MessageRow, reason: (typeof failureReasons)[number]): Sent => {
    ledger.write(() => {
      // The stream may have shown it meanwhile: then the relay has it.
      if (store.run('UPDATE message SET failure = ? WHERE ord = ? AND seq IS NULL', [reason, row.ord]) === 0) return
      ledger.touchMessage(row.ord)
      ledger.touchChat(row.chat_id)
    })
    return 'done'
  }

  const settle = (row: MessageRow, answer: RequestOutput<'message.send'>): Sent => {
    if (answer.ok) {
      confirmSent(ledger, row.ord, answer.seq, answer.at)
      return 'done'
    }
    const fate = fateOf(answer.code)
    if (fate === 'wait-all') return { again: 'all', ms: answer.retryMs }
    if (fate === 'wait') return { again: 'lane', ms: answer.retryMs }
    if (fate !== 'upload') return fail(row, fate.fails)
    if (row.kind === 'file' && uploadAgain(row.ord)) return 'done'
    return fail(row, row.kind === 'file' ? 'file-lost' : 'rejected')
  }

  return createLanes<MessageRow & { readonly number: number }, RequestOutput<'message.send'>>({
    clock,
    random,
    log,
    online: () => link.online,
    waiting: () =>
      store
        .all<{ chat_id: string }>('SELECT DISTINCT chat_id FROM message WHERE mine = 1 AND seq IS NULL AND failure IS NULL')
        .map(({ chat_id }) => chat_id),
    next(chatId, flying, limit) {
      const rows = selectMessages(
        store,
        'WHERE m.chat_id = ? AND m.mine = 1 AND m.seq IS NULL AND m.failure IS NULL ORDER BY m.ord LIMIT ?',
        [chatId, limit],
      )
      const row = rows.find(({ ord }) => !flying.has(ord))
      return row ? { ...row, number: row.ord } : null
    },
    // A file's message may be refused for the file's sake, so nothing is sent behind it.
    alone: (row) => row.kind === 'file',
    ready(row) {
      if (row.kind !== 'file' || row.media !== null) return true
      needsUpload(row.ord)
      return false
    },
    ask(row, turn, signal) {
      const { handle, key } = ledger.chat(row.chat_id)
      return link.request('message.send', { cid: row.cid, turn, to: handle, toKey: key, body: bodyOf(row) }, signal)
    },
    settle,
  })
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
