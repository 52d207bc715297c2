/** The mailboxes at work: tells a device of sealed packets the moment they are safe. */
import type { SealedPacket } from '../shared/protocol/secret.ts'
import type { Presence, Session } from './presence.ts'
import type { Accounts } from './store/accounts.ts'
import { type MailEntry, type MailWritten, pageLength, sizeOf } from './store/mailbox.ts'

/** Pushes new packets to the very device they are for, in order, if it is connected and has read everything before them. */
export function announceSealed(
  presence: Presence,
  accounts: Accounts,
  entries: readonly MailEntry[],
  written: readonly MailWritten[],
): void {
  const outgoing = new Map<Session, SealedPacket[]>()
  entries.forEach((entry, index) => {
    const result = written[index]
    if (entry.kind !== 'packet' || !result?.isNew) return
    const { sender, recipient, toDevice, fromDevice, packet } = entry
    const { id, at } = result
    for (const session of presence.of(recipient)) {
      if (session.device !== toDevice || !session.mailCaughtUp) continue
      const packets = outgoing.get(session) ?? []
      packets.push({ id, from: sender.handle, fromKey: sender.key, fromDevice: accounts.deviceName(fromDevice), packet, at })
      outgoing.set(session, packets)
    }
  })
  for (const [session, packets] of outgoing) {
    for (let rest = packets; rest.length > 0; ) {
      const length = pageLength(rest.map(({ packet }) => sizeOf(packet)))
      session.pushSealed(rest.slice(0, length))
      rest = rest.slice(length)
    }
  }
}
