/** Who is connected right now, and what goes to whom. Nothing of it is stored. */
import type { StreamItem } from '../shared/protocol/relay.ts'
import type { SealedPacket } from '../shared/protocol/secret.ts'
import type { Account } from './store/accounts.ts'
import type { Entry, Written } from './store/journal.ts'
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
  push(items: readonly StreamItem[]): void
  pushSealed(packets: readonly SealedPacket[]): void
  typing(from: string): void
  /** Ends the connection; nothing that is on its way is heard. */
  drop(): void
}

export interface Presence {
  /** The newest connection of a device is the one that counts. */
  enter(session: Session): void
  leave(session: Session): void
  of(account: Account): Iterable<Session>
  /** Tells everybody connected whom these entries concern, in order, except the device each came from. */
  announce(entries: readonly Entry[], written: readonly Written[]): void
}

export function createPresence(deviceName: (device: number) => string): Presence {
  const online = new Map<number, Map<number, Session>>()
  const of = (account: Account) => online.get(account.id)?.values() ?? []

  const itemsOf = (entry: Entry, { seq, at, upTo }: Written): { readonly to: Account; readonly item: StreamItem }[] => {
    if (entry.kind === 'message') {
      const { sender, recipient, device, cid, body } = entry
      const item: StreamItem = {
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
      }
      return sender.id === recipient.id
        ? [{ to: sender, item }]
        : [
            { to: recipient, item },
            { to: sender, item },
          ]
    }
    const { owner, peer, state } = entry
    const receipt = { kind: 'receipt', seq, by: owner.handle, state, upTo, at } as const
    const own = { to: owner, item: { ...receipt, peer: peer.handle } }
    return owner.id === peer.id ? [own] : [own, { to: peer, item: { ...receipt, peer: owner.handle } }]
  }

  return {
    of,
    enter(session) {
      const devices = online.get(session.account.id) ?? new Map<number, Session>()
      online.set(session.account.id, devices)
      const before = devices.get(session.device)
      // First, for the older one leaves while it is being dropped, and would take the account's last entry with it.
      devices.set(session.device, session)
      before?.drop()
    },
    leave(session) {
      const devices = online.get(session.account.id)
      if (devices?.get(session.device) !== session) return
      devices.delete(session.device)
      if (devices.size === 0) online.delete(session.account.id)
    },
    announce(entries, written) {
      const outgoing = new Map<Session, StreamItem[]>()
      entries.forEach((entry, index) => {
        const result = written[index]
        if (!result?.isNew) return
        for (const { to, item } of itemsOf(entry, result)) {
          for (const session of of(to)) {
            if (!session.caughtUp || session.device === entry.device) continue
            const items = outgoing.get(session)
            if (items) items.push(item)
            else outgoing.set(session, [item])
          }
        }
      })
      for (const [session, items] of outgoing) session.push(items)
    },
  }
}
