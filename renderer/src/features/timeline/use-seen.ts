/** Tells the engine which rows of a secret chat were truly seen: half of each on screen, in a visible window that has the focus. */
import { type RefObject, useCallback, useEffect, useRef } from 'react'
import type { ChatId, Message, MessageId } from '../../../../shared/contract/chat.ts'
import { useCall } from '../../state/backend.ts'
import { isLookedAt, useLooks, visibleRows } from './visible.ts'

/** As many as one call takes. */
const MOST = 300

/** Call the answer whenever what is visible may have changed. */
export function useSeen(chatId: ChatId, messages: readonly Message[], scroller: RefObject<HTMLElement | null>): () => void {
  const call = useCall()
  const newest = useRef(messages)
  newest.current = messages
  const told = useRef(new Set<MessageId>())

  const look = useCallback(() => {
    if (!chatId.startsWith('secret:') || !scroller.current || !isLookedAt()) return
    const visible = new Set(visibleRows(scroller.current))
    const ids = newest.current
      .filter((message) => visible.has(message.id) && beginsWhenSeen(message) && !told.current.has(message.id))
      .map(({ id }) => id)
      .slice(0, MOST)
    if (ids.length === 0) return
    for (const id of ids) told.current.add(id)
    void call('secret.seen', { chatId, ids }).then((done) => {
      // Not taken down: the next look says it again.
      if (done === null) for (const id of ids) told.current.delete(id)
    })
  }, [call, chatId, scroller])

  useEffect(look, [look])
  useLooks(look)
  return look
}

/** Files with a timer and pictures to be seen once begin when they are opened; everything else when it is on screen. */
function beginsWhenSeen({ mine, body, vanish }: Message): boolean {
  if (mine || body.kind === 'notice') return false
  return vanish?.at == null && !(body.kind === 'file' && (body.once || vanish?.ttl != null))
}
