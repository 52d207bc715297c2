/** How long what is sealed stays, as it is in force here. */
import { MAX_MAILBOX_BYTES, MAX_MAILBOX_PACKETS } from './mailbox.ts'

export const retention = {
  /** Packets that nobody fetched, and files of secret chats. */
  keptMs: 30 * 24 * 60 * 60_000,
  /** Until what was forgotten is in no file of the relay any more. */
  wipedWithinMs: 60_000,
  mailboxBytes: MAX_MAILBOX_BYTES,
  mailboxPackets: MAX_MAILBOX_PACKETS,
} as const
