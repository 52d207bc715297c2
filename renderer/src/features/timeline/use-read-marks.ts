/** Tells the engine what was really seen: rows on screen while the window has the focus. */
import { type RefObject, useCallback, useEffect, useRef } from 'react'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useCall } from '../../state/backend.ts'
import { lowestVisibleOrder } from './use-scroll.ts'
import { isLookedAt, useLooks } from './visible.ts'

/** Call the answer whenever what is visible may have changed. */
export function useReadMarks(chat: ChatSummary, scroller: RefObject<HTMLElement | null>): () => void {
  const call = useCall()
  const newest = useRef(chat)
  newest.current = chat
  const told = useRef(Number.NEGATIVE_INFINITY)

  const look = useCallback(() => {
    const { id: chatId, unread, firstUnread } = newest.current
    if (unread === 0 || !scroller.current || !isLookedAt()) return
    const order = lowestVisibleOrder(scroller.current)
    if (order === null || order <= told.current || (firstUnread !== null && order < firstUnread)) return
    told.current = order
    void call('chat.read', { chatId, order })
  }, [call, scroller])

  // biome-ignore lint/correctness/useExhaustiveDependencies: something arrived
  useEffect(look, [look, chat.unread])
  useLooks(look)
  return look
}
