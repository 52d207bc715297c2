/** Who is connected right now, and what goes to whom. Nothing of it is stored. */
import type { LoginRace } from '../shared/protocol/login-race.ts'
import type { StreamItem } from '../shared/protocol/relay.ts'
import type { SealedPacket } from '../shared/protocol/secret.ts'
import { whoStays } from './overlap.ts'
import type { Account } from './store/accounts.ts'
import type { Entry, MarkEntry, MessageEntry, Written } from './store/journal.ts'
import type { Turns } from './turns.ts'

/** One proven connection of one device. */
export interface Session {
  readonly account: Account
  readonly device: number
  readonly deviceName: string
  /** Of its login, or of when it took over. */
  race: LoginRace
  /** True once the device has been given everything up to now: only then may new items follow without a gap. */
  caughtUp: boolean
  /** The same for its mailbox. */
  mailCaughtUp: boolean
  readonly turns: Turns
  /** Items of the stream, each as JSON already: the same text goes to every device. */
  push(items: readonly string[]): void
  pushSealed(packets: readonly SealedPacket[]): void
  typing(from: string): void
  /** The device speaks by this connection from now on, as the winner of this race. Without effect while it does. False: too late. */
  takeOver(race: number): boolean
  /** Ends the connection; nothing that is on its way is heard. */
  drop(): void
}

export interface Presence {
  /** The newest connections of a device, those of one race, are the ones that count. False: this one came too late, and must end. */
  enter(session: Session): boolean
  /** A connection that is not used yet: nothing is sent to it, and nobody sees it. The newest, those of one race; false as above. */
  wait(session: Session): boolean
  leave(session: Session): void
  of(account: Account): Iterable<Session>
  /** Tells everybody connected whom these entries concern, in order, except the device each came from. */
  announce(entries: readonly Entry[], written: readonly Written[]): void
}

export function createPresence(deviceName: (device: number) => string): Presence {
  const sessions = new Map<number, readonly Session[]>()
  const waiting = new Map<number, readonly Session[]>()
  const of = (account: Account) => sessions.get(account.id) ?? []

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

  const noLongerWaiting = (session: Session) => {
    const others = (waiting.get(session.device) ?? []).filter((other) => other !== session)
    if (others.length > 0) waiting.set(session.device, others)
    else waiting.delete(session.device)
  }

  return {
    of,
    enter(session) {
      const { account, device } = session
      noLongerWaiting(session)
      const online = [...of(account)]
      const together = whoStays(
        online.filter((other) => other.device === device),
        session,
      )
      if (!together) return false
      // First, for an older one leaves while it is being dropped.
      sessions.set(account.id, [...online.filter((other) => other.device !== device), ...together.stay])
      for (const older of together.end) older.drop()
      return true
    },
    wait(session) {
      const together = whoStays(waiting.get(session.device) ?? [], session)
      if (!together) return false
      waiting.set(session.device, together.stay)
      for (const older of together.end) older.drop()
      return true
    },
    leave(session) {
      noLongerWaiting(session)
      const { account } = session
      const others = [...of(account)].filter((other) => other !== session)
      if (others.length > 0) sessions.set(account.id, others)
      else sessions.delete(account.id)
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
