/**
 * What we say in secret chats, on its way: items wait until a session can take them, are sealed into packets in the same
 * transaction, and the packets go in order. What was sealed is kept until the relay has it; nothing is ever sealed twice
 * under one key.
 */
import type { RequestOutput } from '../../../shared/protocol/relay.ts'
import { MAX_PACKET_BYTES } from '../../../shared/protocol/secret.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { createLanes, type Sent } from '../lanes.ts'
import type { Log } from '../log.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { SecretBook } from './book.ts'
import type { Item } from './crypto/body.ts'
import { seal } from './crypto/session.ts'
import type { Repeating } from './repeating.ts'
import type { KeptSession, Sessions } from './sessions.ts'

export interface Postbox {
  /** Inside a `write`: to be said in this chat as soon as a session can take it. */
  post(chatId: string, item: Item, message?: number): void
  /** The same, but nothing is sealed before the next `flush`: many things share a packet. */
  queue(chatId: string, item: Item, message?: number): void
  /** Inside a `write`: seals what waits, if anybody can be written to now. */
  flush(chatId: string): void
  /** Inside a `write`: says this to one session at once, whatever the chat's state. */
  tell(session: KeptSession, items: readonly Item[]): void
  /** Something was sealed: it goes. */
  poke(): void
  resume(): void
  close(): void
}

export interface PostboxDeps {
  readonly book: SecretBook
  readonly sessions: Sessions
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly repeating: Pick<Repeating, 'said'>
  /** Keys of a session were used. */
  sealed(): void
  /** Inside a `write`: something is to be said, and no session can take it. */
  nobodyHears(): void
  /** The relay knows no such device (any more). */
  deviceGone(chatId: string, device: string): void
}

type PacketRow = { cid: number; chat_id: string; device: string; packet: Uint8Array<ArrayBuffer>; messages: string }
type ItemRow = { ord: number; item: string; message: number | null }

const CID = 'secret.cid'
/** Items of one body: its JSON stays far below what a packet may hold. */
const MAX_ITEMS = 50
const MAX_BODY_TEXT = MAX_PACKET_BYTES / 4
const HEAD_BYTES = 48
/** Numbers of packets taken at once, so that not each one costs a write. */
const RESERVED = 2000
/** What the relay took is noted with the next thing that is written, or by itself after this. */
const NOTE_MS = 20

export function createPostbox({
  book,
  sessions,
  link,
  clock,
  random,
  log,
  repeating,
  sealed,
  nobodyHears,
  deviceGone,
}: PostboxDeps): Postbox {
  const { store } = book

  /** Who hears what is said in this chat now: the accepted session, or all that ring. */
  const listeners = (chatId: string): KeptSession[] => {
    const { state } = book.chat(chatId)
    if (state === 'secured') return sessions.withRole(chatId, 'active')
    return state === 'waiting' ? sessions.withRole(chatId, 'ringing') : []
  }

  let lastCid: number | null = null
  const nextCid = () => {
    const taken = Number(store.values.get(CID) ?? 0)
    // Also by the clock: a profile that was restored from a copy must not use a number again that the relay has seen.
    lastCid = Math.max((lastCid ?? taken) + 1, clock.now())
    if (lastCid > taken) store.values.set(CID, String(lastCid + RESERVED))
    return lastCid
  }

  /** `session` as it stands now: never a state twice, for a key would be used again. */
  const sealTo = (session: KeptSession, items: readonly Item[], messages: readonly number[]) => {
    const { state: before, began } = session
    // Until the other side has answered, each packet may be the first that gets there.
    const begin: Item[] = before.prelude ? [{ kind: 'begin', at: began }] : []
    const { state, packet } = seal(before, [...begin, ...items], clock.now(), random)
    sealed()
    repeating.said(session, sessions.sealed(session, state), items, messages)
    store.run('INSERT INTO secret_packet (cid, chat_id, device, sid, packet, messages) VALUES (?, ?, ?, ?, ?, ?)', [
      nextCid(),
      session.chatId,
      session.device,
      session.sid,
      new Uint8Array(packet),
      JSON.stringify(messages),
    ])
    for (const ord of messages) {
      store.run('UPDATE secret_message SET packet_bytes = ?, packet_head = ? WHERE ord = ?', [
        packet.length,
        new Uint8Array(packet.subarray(0, HEAD_BYTES)),
        ord,
      ])
    }
  }

  /** The oldest items that fit into one body. */
  const nextGroup = (chatId: string): ItemRow[] => {
    const rows = store.all<ItemRow>('SELECT ord, item, message FROM secret_item WHERE chat_id = ? ORDER BY ord LIMIT ?', [
      chatId,
      MAX_ITEMS,
    ])
    let size = 0
    const fitting = rows.filter(({ item }) => {
      size += Buffer.byteLength(item)
      return size <= MAX_BODY_TEXT
    })
    return fitting.length > 0 ? fitting : rows.slice(0, 1)
  }

  const queue = (chatId: string, item: Item, message?: number) =>
    void store.run('INSERT INTO secret_item (chat_id, item, message) VALUES (?, ?, ?)', [chatId, JSON.stringify(item), message ?? null])

  const flush = (chatId: string) => {
    for (;;) {
      const group = nextGroup(chatId)
      if (group.length === 0) return
      const hearing = listeners(chatId)
      if (hearing.length === 0) return nobodyHears()
      // Written by `post` below, from an item.
      const items = group.map(({ item }) => JSON.parse(item) as Item)
      const messages = group.flatMap(({ message }) => (message === null ? [] : [message]))
      for (const session of hearing) sealTo(session, items, messages)
      for (const { ord } of group) store.run('DELETE FROM secret_item WHERE ord = ?', [ord])
    }
  }

  /** Taken by the relay, and still to be noted: by cid. Lost with the program, each goes again and is known there. */
  const taken = new Map<number, PacketRow>()
  let noting: Timer | null = null
  /** Inside a `write`: what the relay took since, with whatever else is written. */
  const noteTaken = () => {
    noting?.cancel()
    noting = null
    for (const row of taken.values()) {
      store.run('DELETE FROM secret_packet WHERE cid = ?', [row.cid])
      arrived(row, 'sent')
      book.touchChat(row.chat_id)
    }
    taken.clear()
  }
  const noteNow = () => {
    if (taken.size > 0) book.write(noteTaken)
  }

  const arrived = ({ messages }: PacketRow, column: 'sent' | 'failure') => {
    for (const ord of JSON.parse(messages) as number[]) {
      if (column === 'sent') store.run('UPDATE secret_message SET sent = 1 WHERE ord = ?', [ord])
      else store.run("UPDATE secret_message SET failure = 'rejected' WHERE ord = ? AND sent = 0", [ord])
      book.touchMessage(ord)
    }
  }

  const settle = (row: PacketRow, answer: RequestOutput<'sealed.send'>): Sent => {
    if (!answer.ok) {
      const { code, retryMs } = answer
      if (code === 'rate-limited') return { again: 'all', ms: retryMs }
      if (code === 'internal' || code === 'overloaded' || code === 'mailbox-full') return { again: 'lane', ms: retryMs }
    }
    if (answer.ok) {
      taken.set(row.cid, row)
      noting ??= clock.after(NOTE_MS, noteNow)
      return 'done'
    }
    book.write(() => {
      store.run('DELETE FROM secret_packet WHERE cid = ?', [row.cid])
      arrived(row, 'failure')
      book.touchChat(row.chat_id)
      if (answer.code === 'unknown-device') {
        store.run('DELETE FROM secret_packet WHERE chat_id = ? AND device = ?', [row.chat_id, row.device])
        deviceGone(row.chat_id, row.device)
      } else log.warn('a sealed packet was refused', { code: answer.code })
    })
    return 'done'
  }

  const lanes = createLanes<PacketRow & { readonly number: number }, RequestOutput<'sealed.send'>>({
    clock,
    random,
    log,
    online: () => link.online,
    waiting: () =>
      store
        .all<{ chat_id: string; device: string }>('SELECT DISTINCT chat_id, device FROM secret_packet')
        .map(({ chat_id, device }) => `${chat_id} ${device}`),
    next(lane, flying, limit) {
      const [chatId = '', device = ''] = lane.split(' ')
      const rows = store.all<{ cid: number }>('SELECT cid FROM secret_packet WHERE chat_id = ? AND device = ? ORDER BY cid LIMIT ?', [
        chatId,
        device,
        limit + taken.size,
      ])
      const next = rows.find(({ cid }) => !flying.has(cid) && !taken.has(cid))
      const row = next && store.get<PacketRow>('SELECT cid, chat_id, device, packet, messages FROM secret_packet WHERE cid = ?', [next.cid])
      return row ? { ...row, number: row.cid } : null
    },
    ask({ cid, chat_id, device, packet }, turn, signal) {
      const { handle, key } = book.chat(chat_id)
      return link.request('sealed.send', { cid, turn, to: handle, toKey: key, toDevice: device, packet: toBase64Url(packet) }, signal)
    },
    settle,
  })

  return {
    queue,
    post(chatId, item, message) {
      noteTaken()
      const hearing = store.get('SELECT 1 AS here FROM secret_item WHERE chat_id = ? LIMIT 1', [chatId]) ? [] : listeners(chatId)
      // Nothing before it and somebody to hear it: it need not wait.
      for (const session of hearing) sealTo(session, [item], message === undefined ? [] : [message])
      if (hearing.length > 0) return
      queue(chatId, item, message)
      flush(chatId)
    },
    flush(chatId) {
      noteTaken()
      flush(chatId)
    },
    tell: (session, items) => sealTo(sessions.current(session), items, []),
    poke: lanes.poke,
    resume: lanes.resume,
    close() {
      noteNow()
      lanes.close()
    },
  }
}
