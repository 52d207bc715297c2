/** What is being written. Kept by the engine half a second after the last key, and at once when the person looks away. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useCall } from '../../state/backend.ts'

const QUIET_MS = 500

export function useDraft({ id: chatId, draft }: ChatSummary): { text: string; setText: (text: string) => void } {
  const call = useCall()
  const [text, show] = useState(draft)
  const kept = useRef(draft)
  const newest = useRef(draft)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const flush = useCallback(() => {
    clearTimeout(timer.current)
    if (newest.current === kept.current) return
    kept.current = newest.current
    void call('draft.set', { chatId, text: newest.current })
  }, [call, chatId])

  useEffect(() => {
    window.addEventListener('blur', flush)
    window.addEventListener('pagehide', flush)
    return () => {
      window.removeEventListener('blur', flush)
      window.removeEventListener('pagehide', flush)
      flush()
    }
  }, [flush])

  const setText = useCallback(
    (value: string) => {
      newest.current = value
      show(value)
      clearTimeout(timer.current)
      // A sent message leaves no draft behind, not even for half a second.
      if (value === '') flush()
      else timer.current = setTimeout(flush, QUIET_MS)
    },
    [flush],
  )
  return { text, setText }
}
