/** Reads an account's stream: its messages, sent and received, and the receipt marks that concern it, in one order. */
import type { Database } from '@signalapp/sqlcipher'
import type { StreamItem, WireBody } from '../../shared/protocol/relay.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Tail } from './tail.ts'

export interface StreamPage {
  readonly items: StreamItem[]
  readonly more: boolean
}

type MessageRow = { seq: number; sender: number; recipient: number; device: number; cid: number; body: string; at: number }
type MarkRow = { owner: number; peer: number; state: 'delivered' | 'read'; up_to: number; seq: number; at: number }

const COLUMNS = 'm.seq, m.sender, m.recipient, m.device, m.cid, m.body, m.at'

export function createStreamReader(database: Database, accounts: Accounts, tail: Tail) {
  const indexed = database.prepare(
    `SELECT ${COLUMNS} FROM stream s JOIN message m ON m.seq = s.seq
     WHERE s.account = ? AND s.seq > ? AND s.seq <= (SELECT done_to FROM indexing) ORDER BY s.seq LIMIT ?`,
  )
  const single = database.prepare(`SELECT ${COLUMNS} FROM message m WHERE m.seq = ?`)
  const marks = database.prepare(
    `SELECT owner, peer, state, up_to, seq, at FROM mark WHERE owner = $account AND seq > $after
     UNION SELECT owner, peer, state, up_to, seq, at FROM mark WHERE peer = $account AND seq > $after
     ORDER BY seq LIMIT $limit`,
  )

  const messageItem = (row: MessageRow): StreamItem => {
    const sender = accounts.byId(row.sender)
    const recipient = accounts.byId(row.recipient)
    // Written by `write` from a body that had passed its schema.
    const body: WireBody = JSON.parse(row.body)
    return {
      kind: 'message',
      seq: row.seq,
      from: sender.handle,
      fromKey: sender.key,
      to: recipient.handle,
      toKey: recipient.key,
      device: accounts.deviceName(row.device),
      cid: row.cid,
      body,
      at: row.at,
    }
  }
  const markItem = (row: MarkRow, reader: Account): StreamItem => {
    const by = accounts.byId(row.owner).handle
    const peer = row.owner === reader.id ? accounts.byId(row.peer).handle : by
    return { kind: 'receipt', seq: row.seq, by, peer, state: row.state, upTo: row.up_to, at: row.at }
  }

  return (account: Account, after: number, limits: { readonly items: number; readonly bytes: number }): StreamPage => {
    // One more than asked for, to know whether more waits.
    const limit = limits.items + 1
    const rows = indexed.all<MessageRow>([account.id, after, limit])
    for (const seq of tail.seqs(account.id)) {
      if (rows.length >= limit) break
      const row = seq > after ? single.get<MessageRow>([seq]) : undefined
      if (row) rows.push(row)
    }
    const found = [
      ...rows.map((row) => ({ seq: row.seq, bytes: row.body.length + 256, item: () => messageItem(row) })),
      ...marks
        .all<MarkRow>({ account: account.id, after, limit })
        .map((row) => ({ seq: row.seq, bytes: 160, item: () => markItem(row, account) })),
    ].sort((a, b) => a.seq - b.seq)

    let bytes = 0
    const items: StreamItem[] = []
    for (const entry of found.slice(0, limits.items)) {
      bytes += entry.bytes
      if (items.length > 0 && bytes > limits.bytes) break
      items.push(entry.item())
    }
    return { items, more: items.length < found.length }
  }
}
