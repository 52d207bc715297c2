/** What the list of a chat shows, from its messages: day separators, the unread divider, notices, and which bubbles belong together. */
import type { Message } from '../../../../shared/contract/chat.ts'
import type { Notice } from '../../../../shared/contract/secret.ts'

const TOGETHER_MS = 5 * 60_000

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'notice'; readonly key: string; readonly message: Message; readonly notice: Notice; readonly honest: boolean }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly joined: boolean }

/** `unreadFrom` is the order of the first message unread when the chat was opened. */
export function timelineRows(messages: readonly Message[], unreadFrom: number | null): readonly Row[] {
  const rows: Row[] = []
  let before: Message | undefined
  // Said once: what a timer cannot do.
  let honest = false
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
    if (message.body.kind === 'notice') {
      const { notice } = message.body
      const first: boolean = !honest && notice.code === 'timer' && notice.ttl !== null
      honest ||= first
      rows.push({ kind: 'notice', key: message.id, message, notice, honest: first })
    } else {
      const near = before !== undefined && before.body.kind !== 'notice' && message.at - before.at < TOGETHER_MS
      rows.push({ kind: 'message', key: message.id, message, joined: near && !newDay && !divider && before?.from === message.from })
    }
    before = message
  }
  return rows
}
