/** What the list of a chat shows, from its messages: day separators, the unread divider, and which bubbles belong together. */
import type { Message } from '../../../../shared/contract/chat.ts'

const TOGETHER_MS = 5 * 60_000

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly joined: boolean }

/** `unreadFrom` is the order of the first message unread when the chat was opened. */
export function timelineRows(messages: readonly Message[], unreadFrom: number | null): readonly Row[] {
  const rows: Row[] = []
  let before: Message | undefined
  let divided = unreadFrom === null
  for (const message of messages) {
    const day = new Date(message.at).toDateString()
    const newDay = before === undefined || new Date(before.at).toDateString() !== day
    if (newDay) rows.push({ kind: 'day', key: `day ${day} ${message.id}`, at: message.at })
    const divider = !divided && unreadFrom !== null && message.order >= unreadFrom
    if (divider) {
      rows.push({ kind: 'unread', key: 'unread' })
      divided = true
    }
    const joined = !newDay && !divider && before?.from === message.from && message.at - before.at < TOGETHER_MS
    rows.push({ kind: 'message', key: message.id, message, joined })
    before = message
  }
  return rows
}
