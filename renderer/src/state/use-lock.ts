/** Taking the screens away: at once here, then in the engine. And telling the engine of input, by which it counts to lock by itself. */
import { useCallback, useEffect } from 'react'
import { flushSync } from 'react-dom'
import { useApp, useBackend, useDispatch } from './backend.ts'

/** Nothing happens where no passphrase is set. */
export function useLock(): () => void {
  const backend = useBackend()
  const dispatch = useDispatch()
  return useCallback(() => {
    // What is being written is handed over as its place leaves the page, before the engine shuts its door.
    flushSync(() => dispatch({ type: 'lock.asked' }))
    // Without a passphrase it refuses; an engine that is gone is locked when it comes back.
    backend.call('profile.lock', {}).catch(() => {})
  }, [backend, dispatch])
}

/** Input is told at most this often. */
const TELL_MS = 10_000
const inputs = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const

export function useTellInput(): void {
  const backend = useBackend()
  const counts = useApp((state) => (state.profile?.passphrase ?? false) && (state.settings?.autoLock ?? 0) > 0)
  useEffect(() => {
    if (!counts) return
    let quietUntil = 0
    const tell = () => {
      const now = performance.now()
      if (now < quietUntil) return
      quietUntil = now + TELL_MS
      backend.call('profile.active', {}).catch(() => {})
    }
    for (const name of inputs) window.addEventListener(name, tell, { capture: true, passive: true })
    return () => {
      for (const name of inputs) window.removeEventListener(name, tell, { capture: true })
    }
  }, [backend, counts])
}
