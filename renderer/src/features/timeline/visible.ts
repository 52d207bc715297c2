/** What is really before somebody's eyes. */
import { useEffect } from 'react'

/** The window has the focus and is not covered. */
export function isLookedAt(): boolean {
  return document.hasFocus() && document.visibilityState === 'visible'
}

/** The ids of rows of which at least half is on screen, or that fill half of it. */
export function visibleRows(scroller: HTMLElement): readonly string[] {
  const frame = scroller.getBoundingClientRect()
  return [...scroller.querySelectorAll<HTMLElement>('[data-row]')]
    .filter((row) => {
      const { top, bottom, height } = row.getBoundingClientRect()
      const shown = Math.min(bottom, frame.bottom) - Math.max(top, frame.top)
      return shown >= Math.min(height, frame.height) / 2
    })
    .map((row) => row.dataset.row ?? '')
}

/** Calls `look` when the window comes before somebody's eyes, or may have. */
export function useLooks(look: () => void): void {
  useEffect(() => {
    window.addEventListener('focus', look)
    document.addEventListener('visibilitychange', look)
    return () => {
      window.removeEventListener('focus', look)
      document.removeEventListener('visibilitychange', look)
    }
  }, [look])
}
