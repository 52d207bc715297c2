/** Runs the table of shortcuts while no sheet covers the window. */
import { useEffect } from 'react'
import { newestFirst } from '../features/chats/order.ts'
import { useDispatch, useGetState } from '../state/backend.ts'
import { shortcutFor } from './shortcuts.ts'

export function useShortcuts(): void {
  const dispatch = useDispatch()
  const getState = useGetState()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const state = getState()
      if (event.isComposing || state.sheet !== null || state.link !== null) return
      const order = newestFirst(Object.values(state.chats ?? {})).map(({ id }) => id)
      const result = shortcutFor(event)?.run(state, order)
      if (!result) return
      event.preventDefault()
      dispatch(result)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [dispatch, getState])
}
