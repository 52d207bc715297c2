/** Cloud and secret chats of one account side by side, person by person: what there is to hand over of either. Counts rows, never guesses. */
import type { Database } from '@signalapp/sqlcipher'
import type { Sides } from '../../shared/contract/chat.ts'
import type { WireBody } from '../../shared/protocol/relay.ts'
import type { Account, Accounts } from './accounts.ts'
import { meanings } from './meanings.ts'

export interface SidesLimits {
  readonly people: number
  readonly rows: number
  readonly text: number
}

type Person = Sides['people'][number]
type MessageRow = { peer: number; total: number; sender: number; body: string; at: number }
type PacketRow = { peer: number; total: number; bytes: number; sender: number; size: number; head: string; at: number }

const PEER = 'CASE WHEN sender = $account THEN recipient ELSE sender END'
const concerns = (table: 'message' | 'packet') => meanings[table]?.concerns ?? 'FALSE'

export function createSides(database: Database, accounts: Accounts): (account: Account, limits: SidesLimits) => Sides {
  const messages = database.prepare(
    `SELECT near.peer, near.total, m.sender, m.body, m.at FROM
       (SELECT seq, peer, count(*) OVER (PARTITION BY peer) AS total, row_number() OVER (PARTITION BY peer ORDER BY seq DESC) AS nth
        FROM (SELECT seq, ${PEER} AS peer FROM message WHERE ${concerns('message')})) AS near
     JOIN message m ON m.seq = near.seq WHERE near.nth <= $rows ORDER BY m.seq DESC`,
  )
  const packets = database.prepare(
    `SELECT near.peer, near.total, near.bytes, p.sender, p.size, hex(substr(p.packet, 1, 16)) AS head, p.at FROM
       (SELECT id, peer, count(*) OVER (PARTITION BY peer) AS total, sum(size) OVER (PARTITION BY peer) AS bytes,
          row_number() OVER (PARTITION BY peer ORDER BY id DESC) AS nth
        FROM (SELECT id, size, ${PEER} AS peer FROM packet WHERE ${concerns('packet')})) AS near
     JOIN packet p ON p.id = near.id WHERE near.nth <= $rows ORDER BY p.id DESC`,
  )
  const waiting = database.prepare(
    `SELECT count(*) FILTER (WHERE recipient = $account) AS toMe, count(*) FILTER (WHERE sender = $account) AS fromMe,
       coalesce(sum(size), 0) AS bytes FROM packet WHERE ${concerns('packet')}`,
  )
  const files = database.prepare(
    `SELECT count(*) FILTER (WHERE sealed = 0) AS open, count(*) FILTER (WHERE sealed = 1) AS sealed
     FROM media WHERE owner = ? AND stored_at IS NOT NULL`,
  )
  // The account's own, two in each certificate, and one in each prekey.
  const keys = database.prepare(
    `SELECT 1 + (SELECT 2 * count(*) FROM device_certificate WHERE ${meanings.device_certificate?.concerns})
       + (SELECT count(*) FROM signed_prekey WHERE ${meanings.signed_prekey?.concerns})
       + (SELECT count(*) FROM one_time_prekey WHERE ${meanings.one_time_prekey?.concerns}) AS n`,
  )

  return (account, { people: atMost, rows, text: longest }) => {
    const people = new Map<number, { newest: number; person: Person }>()
    const about = (peer: number, at: number): Person => {
      const { newest, person } = people.get(peer) ?? { newest: 0, person: nothingWith(accounts.byId(peer).handle) }
      people.set(peer, { newest: Math.max(newest, at), person })
      return person
    }
    for (const { peer, total, sender, body, at } of messages.all<MessageRow>({ account: account.id, rows })) {
      const { cloud } = about(peer, at)
      cloud.messages = total
      cloud.rows.push({ at, mine: sender === account.id, ...wordsOf(body, longest) })
    }
    for (const { peer, total, bytes, sender, size, head, at } of packets.all<PacketRow>({ account: account.id, rows })) {
      const { secret } = about(peer, at)
      Object.assign(secret, { packets: total, bytes })
      secret.rows.push({ at, mine: sender === account.id, bytes: size, head: head.toLowerCase() })
    }
    const sorted = [...people.values()].sort((a, b) => b.newest - a.newest).map(({ person }) => person)
    return {
      files: files.get<Sides['files']>([account.id]) ?? { open: 0, sealed: 0 },
      packets: waiting.get<Sides['packets']>({ account: account.id }) ?? { toMe: 0, fromMe: 0, bytes: 0 },
      publicKeys: keys.get<{ n: number }>({ account: account.id })?.n ?? 0,
      people: sorted.slice(0, atMost),
      morePeople: Math.max(0, sorted.length - atMost),
    }
  }
}

const nothingWith = (handle: string): Person => ({
  handle,
  cloud: { messages: 0, rows: [] },
  secret: { packets: 0, bytes: 0, rows: [] },
})

function wordsOf(body: string, longest: number): { isFile: boolean; text: string } {
  // Written by journal.ts, from one that was checked.
  const parsed = JSON.parse(body) as WireBody
  const text = parsed.kind === 'text' ? parsed.text : parsed.name
  return { isFile: parsed.kind === 'file', text: text.length > longest ? `${text.slice(0, longest)}…` : text }
}
