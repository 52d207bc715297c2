import type { ChatSummary } from '../../../../shared/contract/chat.ts'

/** By the last message; chats without one on top, for they were just made. */
export function newestFirst(chats: readonly ChatSummary[]): readonly ChatSummary[] {
  const at = ({ last }: ChatSummary) => last?.at ?? Number.POSITIVE_INFINITY
  return chats.toSorted((a, b) => at(b) - at(a) || (a.id < b.id ? -1 : 1))
}
