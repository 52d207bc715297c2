/**
 * Applies items of the numbered stream inside a transaction. Every item may come twice, late, or from a relay that means
 * ill: applying is idempotent, and what does not concern this account or names another key changes nothing.
 */
import type { StreamItem } from '../../../shared/protocol/relay.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Log } from '../log.ts'
import { type Contacts, chatIdOf } from './contacts.ts'
import { raiseCid } from './counter.ts'
import type { IncomingFiles } from './files/incoming.ts'
import { cleanName } from './files/name.ts'
import type { Ledger } from './ledger.ts'
import { moment } from './moment.ts'
import { confirmSent } from './outbox.ts'
import { randomUuid } from './uuid.ts'

type MessageItem = Extract<StreamItem, { kind: 'message' }>
type ReceiptItem = Extract<StreamItem, { kind: 'receipt' }>

export interface ApplyDeps {
  readonly ledger: Ledger
  readonly contacts: Contacts
  readonly files: IncomingFiles
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** A message of somebody arrived: whatever they were typing, this is it. */
  arrived(chatId: string): void
}

/** A counter of ours beyond this was not counted by us; taking it over would leave no numbers to send with. */
const LARGEST_CID = 2 ** 48

/** Answers a function to be called inside `ledger.write`. */
export function createApply({ ledger, contacts, files, clock, random, log, arrived }: ApplyDeps): (item: StreamItem) => void {
  const { store, owner } = ledger

  const refuse = (reason: string) => log.warn('item of the stream refused', { reason })

  const insert = (item: MessageItem, chatId: string, mine: boolean) => {
    const { body } = item
    const row = store.get<{ ord: number }>(
      `INSERT INTO message (id, chat_id, sender, mine, kind, text, at, device, cid, seq)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sender, device, cid) DO NOTHING RETURNING ord`,
      [
        randomUuid(random),
        chatId,
        item.from,
        mine ? 1 : 0,
        body.kind,
        body.kind === 'file' ? cleanName(body.name) : body.text,
        moment(item.at, clock.now()),
        item.device,
        item.cid,
        item.seq,
      ],
    )
    if (!row) return
    if (body.kind === 'file') files.heard(row.ord, body)
    if (!mine) {
      store.run('UPDATE chat SET kept_seq = max(kept_seq, ?) WHERE id = ?', [item.seq, chatId])
      arrived(chatId)
    }
    ledger.touchMessage(row.ord)
    ledger.touchChat(chatId)
  }

  const applyOwn = (item: MessageItem) => {
    if (item.fromKey !== owner.key || item.to === owner.handle || item.cid > LARGEST_CID) return refuse('not-from-us')
    if (item.device === owner.device) {
      raiseCid(store.values, item.cid)
      const known = store.get<{ ord: number }>('SELECT ord FROM message WHERE sender = ? AND device = ? AND cid = ?', [
        owner.handle,
        owner.device,
        item.cid,
      ])
      if (known) return confirmSent(ledger, known.ord, item.seq, moment(item.at, clock.now()))
    }
    // From another device of ours, or from before this store was put back to an older state.
    const chatId = contacts.met(item.to, item.toKey)
    if (chatId) insert(item, chatId, true)
    else refuse('other-key')
  }

  const applyMessage = (item: MessageItem) => {
    if (item.from === owner.handle) return applyOwn(item)
    if (item.to !== owner.handle || item.toKey !== owner.key) return refuse('not-ours')
    const chatId = contacts.met(item.from, item.fromKey)
    if (chatId) insert(item, chatId, false)
    else refuse('other-key')
  }

  const applyReceipt = (item: ReceiptItem) => {
    const chatId = chatIdOf(item.peer)
    const chat = store.get<{ peer_kept: number; peer_seen: number }>('SELECT peer_kept, peer_seen FROM chat WHERE id = ?', [chatId])
    if (!chat) return
    // A receipt cannot speak of messages that came after it.
    const upTo = Math.min(item.upTo, item.seq)
    if (item.by === owner.handle) {
      if (item.state === 'read') readElsewhere(chatId, upTo)
      return
    }
    if (item.by !== item.peer) return refuse('receipt-of-a-stranger')
    const column = item.state === 'read' ? 'peer_seen' : 'peer_kept'
    if (upTo <= chat[column] || (column === 'peer_kept' && upTo <= chat.peer_seen)) return
    store.run(`UPDATE chat SET ${column} = ? WHERE id = ?`, [upTo, chatId])
    const changed = store.all<{ ord: number }>('SELECT ord FROM message WHERE chat_id = ? AND mine = 1 AND seq > ? AND seq <= ?', [
      chatId,
      column === 'peer_kept' ? Math.max(chat.peer_kept, chat.peer_seen) : chat.peer_seen,
      upTo,
    ])
    for (const { ord } of changed) ledger.touchMessage(ord)
    ledger.touchChat(chatId)
  }

  /** Another device of this account showed the chat to the user, and has told the relay so. */
  const readElsewhere = (chatId: string, upTo: number) => {
    const newest = store.get<{ ord: number | null }>('SELECT max(ord) AS ord FROM message WHERE chat_id = ? AND mine = 0 AND seq <= ?', [
      chatId,
      upTo,
    ])
    const changed = store.run(
      `UPDATE chat SET read_ord = max(read_ord, ?), seen_seq = max(seen_seq, ?), told_seen = max(told_seen, ?)
       WHERE id = ? AND seen_seq < ?`,
      [newest?.ord ?? 0, upTo, upTo, chatId, upTo],
    )
    if (changed > 0) ledger.touchChat(chatId)
  }

  return (item) => {
    switch (item.kind) {
      case 'message':
        return applyMessage(item)
      case 'receipt':
        return applyReceipt(item)
    }
  }
}
