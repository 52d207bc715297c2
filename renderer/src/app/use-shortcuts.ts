/** Runs the table of shortcuts while no sheet covers the window; the one that locks, always. */
import { useEffect } from 'react'
import { newestFirst } from '../features/chats/order.ts'
import { useDispatch, useGetState } from '../state/backend.ts'
import { useLock } from '../state/use-lock.ts'
import { shortcutFor } from './shortcuts.ts'

export function useShortcuts(): void {
  const dispatch = useDispatch()
  const getState = useGetState()
  const lock = useLock()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const state = getState()
      if (event.isComposing) return
      const shortcut = shortcutFor(event)
      // Locking is for now, whatever covers the window.
      if (shortcut?.id !== 'lock' && (state.sheet !== null || state.link !== null)) return
      const order = newestFirst(Object.values(state.chats ?? {})).map(({ id }) => id)
      const result = shortcut?.run(state, order)
      if (!result) return
      event.preventDefault()
      if (result.type === 'lock.asked') lock()
      else dispatch(result)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [dispatch, getState, lock])
}
