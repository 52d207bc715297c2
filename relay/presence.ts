/** Who is connected right now, and what goes to whom. Nothing of it is stored. */
import type { StreamItem } from '../shared/protocol/relay.ts'
import type { SealedPacket } from '../shared/protocol/secret.ts'
import type { Account } from './store/accounts.ts'
import type { Entry, MarkEntry, MessageEntry, Written } from './store/journal.ts'
import type { Turns } from './turns.ts'

/** One proven connection of one device. */
export interface Session {
  readonly account: Account
  readonly device: number
  readonly deviceName: string
  /** True once the device has been given everything up to now: only then may new items follow without a gap. */
  caughtUp: boolean
  /** The same for its mailbox. */
  mailCaughtUp: boolean
  readonly turns: Turns
  /** Items of the stream, each as JSON already: the same text goes to every device. */
  push(items: readonly string[]): void
  pushSealed(packets: readonly SealedPacket[]): void
  typing(from: string): void
  /** The device speaks by this connection from now on. Without effect while it does. */
  takeOver(): void
  /** Ends the connection; nothing that is on its way is heard. */
  drop(): void
}

export interface Presence {
  /** The newest connection of a device is the one that counts. */
  enter(session: Session): void
  /** A connection that is not used yet, one for each device: nothing is sent to it, and nobody sees it. */
  wait(session: Session): void
  leave(session: Session): void
  of(account: Account): Iterable<Session>
  /** Tells everybody connected whom these entries concern, in order, except the device each came from. */
  announce(entries: readonly Entry[], written: readonly Written[]): void
}

export function createPresence(deviceName: (device: number) => string): Presence {
  const online = new Map<number, Map<number, Session>>()
  const waiting = new Map<number, Session>()
  const of = (account: Account) => online.get(account.id)?.values() ?? []

  const messageItem = ({ sender, recipient, device, cid, body }: MessageEntry, { seq, at }: Written): StreamItem => ({
    kind: 'message',
    seq,
    from: sender.handle,
    fromKey: sender.key,
    to: recipient.handle,
    toKey: recipient.key,
    device: deviceName(device),
    cid,
    body,
    at,
  })
  const receiptItem = ({ owner, state }: MarkEntry, peer: Account, { seq, at, upTo }: Written): StreamItem => ({
    kind: 'receipt',
    seq,
    by: owner.handle,
    peer: peer.handle,
    state,
    upTo,
    at,
  })

  return {
    of,
    enter(session) {
      const devices = online.get(session.account.id) ?? new Map<number, Session>()
      online.set(session.account.id, devices)
      const before = devices.get(session.device)
      // First, for the older one leaves while it is being dropped, and would take the account's last entry with it.
      devices.set(session.device, session)
      if (waiting.get(session.device) === session) waiting.delete(session.device)
      if (before !== session) before?.drop()
    },
    wait(session) {
      const before = waiting.get(session.device)
      waiting.set(session.device, session)
      before?.drop()
    },
    leave(session) {
      if (waiting.get(session.device) === session) waiting.delete(session.device)
      const devices = online.get(session.account.id)
      if (devices?.get(session.device) !== session) return
      devices.delete(session.device)
      if (devices.size === 0) online.delete(session.account.id)
    },
    announce(entries, written) {
      const outgoing = new Map<Session, string[]>()
      const tell = (account: Account, from: number, item: () => StreamItem) => {
        let text: string | undefined
        for (const session of of(account)) {
          if (!session.caughtUp || session.device === from) continue
          text ??= JSON.stringify(item())
          const items = outgoing.get(session)
          if (items) items.push(text)
          else outgoing.set(session, [text])
        }
      }
      entries.forEach((entry, index) => {
        const result = written[index]
        if (!result?.isNew) return
        if (entry.kind === 'message') {
          const { sender, recipient, device } = entry
          for (const account of different(recipient, sender)) tell(account, device, () => messageItem(entry, result))
        } else {
          const { owner, peer, device } = entry
          tell(owner, device, () => receiptItem(entry, peer, result))
          if (peer.id !== owner.id) tell(peer, device, () => receiptItem(entry, owner, result))
        }
      })
      for (const [session, items] of outgoing) session.push(items)
    },
  }
}

function different(one: Account, other: Account): readonly Account[] {
  return one.id === other.id ? [one] : [one, other]
}
