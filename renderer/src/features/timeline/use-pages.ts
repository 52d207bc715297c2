/** Asks for the parts of a chat as they are needed, one at a time. */
import { useCallback, useRef } from 'react'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useCall, useDispatch, useGetState } from '../../state/backend.ts'
import { WINDOW_ROWS } from '../../state/reduce.ts'
import { PAGE_ROWS } from '../../state/session.ts'
import type { AppEvent } from '../../state/state.ts'

/** Rows above the first unread one that are loaded with it. */
const CONTEXT_ROWS = 30
/** How far beyond the last row the next window is first sought; `order` has gaps, so it may be further. */
const FIRST_STEP = 64

export interface Pages {
  /** The first time: the newest rows, reaching up to the first unread one where the window can hold that. */
  enter(): void
  older(): void
  newer(): void
  newest(): Promise<void>
}

export function usePages({ id: chatId, unread }: ChatSummary): Pages {
  const call = useCall()
  const dispatch = useDispatch()
  const getState = useGetState()
  const busy = useRef(false)
  const firstRows = useRef(Math.min(WINDOW_ROWS, Math.max(PAGE_ROWS, unread + CONTEXT_ROWS)))

  const alone = useCallback(
    async (load: () => Promise<AppEvent | null>) => {
      if (busy.current) return
      busy.current = true
      const loaded = await load()
      // First free, then shown: drawing it may already ask for the next part.
      busy.current = false
      if (loaded) dispatch(loaded)
    },
    [dispatch],
  )
  const newest = useCallback(
    (limit: number) =>
      alone(async () => {
        const page = await call('message.list', { chatId, limit })
        return page && { type: 'window.loaded', chatId, ...page, hasNewer: false }
      }),
    [alone, call, chatId],
  )
  const windowNow = useCallback(() => getState().windows[chatId], [getState, chatId])

  return {
    enter: useCallback(() => {
      const window = windowNow()
      // Left in the middle of its history, a chat is entered at its end again, unless a message there was asked for.
      if (!window || (window.hasNewer && getState().jumpTo === null)) void newest(firstRows.current)
    }, [newest, windowNow, getState]),
    older: useCallback(() => {
      const window = windowNow()
      const first = window?.messages[0]
      if (!window?.hasOlder || !first) return
      void alone(async () => {
        const page = await call('message.list', { chatId, limit: PAGE_ROWS, before: first.order })
        return page && { type: 'older.loaded', chatId, ...page }
      })
    }, [alone, call, chatId, windowNow]),
    newer: useCallback(() => {
      const window = windowNow()
      const last = window?.messages.at(-1)
      if (!window?.hasNewer || !last) return
      void alone(async () => {
        const end = (await call('message.list', { chatId, limit: 1 }))?.messages[0]?.order ?? last.order
        for (let step = FIRST_STEP; ; step *= 4) {
          const page = await call('message.list', { chatId, limit: WINDOW_ROWS, before: last.order + step })
          if (!page) return null
          const reached = page.messages.at(-1)?.order ?? end
          if (reached > last.order || reached >= end) return { type: 'window.loaded', chatId, ...page, hasNewer: reached < end }
        }
      })
    }, [alone, call, chatId, windowNow]),
    newest: useCallback(() => newest(PAGE_ROWS), [newest]),
  }
}
