/**
 * Where a timeline stands: at the bottom only if it was there, else where the reader is. Rows that come or grow above move
 * nothing; older and newer rows are asked for when their edge comes near.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Within this of the bottom counts as there. */
const AT_BOTTOM_PX = 40
/** This near to an edge, the next rows are asked for. */
const NEAR_PX = 600

interface Anchor {
  readonly row: string
  readonly offset: number
}

interface ScrollOptions {
  readonly scroller: RefObject<HTMLElement | null>
  /** Changes when rows did. */
  readonly rows: readonly unknown[]
  /** Rows beyond the bottom exist that are not loaded. */
  readonly hasNewer: boolean
  readonly onTop: () => void
  readonly onBottom: () => void
  /** After anything moved: what is visible may have changed. */
  readonly onMoved: () => void
}

export interface Scroll {
  readonly atBottom: boolean
  toBottom(): void
  /** Puts the element near the top and stays there. */
  toElement(element: Element, block: ScrollLogicalPosition): void
}

export function useScroll(options: ScrollOptions): Scroll {
  const { scroller, rows } = options
  // Whoever calls later, a listener or a promise, means the timeline as it is by then.
  const now = useRef(options)
  now.current = options
  const pinned = useRef(true)
  const anchor = useRef<Anchor | null>(null)
  const [atBottom, setAtBottom] = useState(true)

  const note = useCallback(() => {
    const element = scroller.current
    if (!element) return
    const { hasNewer, onTop, onBottom, onMoved } = now.current
    const below = element.scrollHeight - element.scrollTop - element.clientHeight
    pinned.current = below < AT_BOTTOM_PX && !hasNewer
    setAtBottom(pinned.current)
    anchor.current = firstVisible(element)
    if (element.scrollTop < NEAR_PX) onTop()
    if (hasNewer && below < NEAR_PX) onBottom()
    onMoved()
  }, [scroller])

  const restore = useCallback(() => {
    const element = scroller.current
    if (!element) return
    if (pinned.current) element.scrollTop = element.scrollHeight
    else if (anchor.current) {
      const moved = offsetOf(element, anchor.current.row)
      if (moved !== null) element.scrollTop += moved - anchor.current.offset
    }
  }, [scroller])

  // biome-ignore lint/correctness/useExhaustiveDependencies: new rows are what moves things
  useLayoutEffect(() => {
    restore()
    note()
  }, [rows, restore, note])

  useEffect(() => {
    const element = scroller.current
    if (!element) return
    element.addEventListener('scroll', note, { passive: true })
    const observer = new ResizeObserver(restore)
    observer.observe(element)
    if (element.firstElementChild) observer.observe(element.firstElementChild)
    return () => {
      element.removeEventListener('scroll', note)
      observer.disconnect()
    }
  }, [scroller, note, restore])

  const toBottom = useCallback(() => {
    pinned.current = true
    restore()
    note()
  }, [restore, note])
  const toElement = useCallback(
    (element: Element, block: ScrollLogicalPosition) => {
      pinned.current = false
      anchor.current = null
      element.scrollIntoView({ block })
      note()
    },
    [note],
  )
  return { atBottom, toBottom, toElement }
}

function firstVisible(scroller: HTMLElement): Anchor | null {
  const { top } = scroller.getBoundingClientRect()
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-row]')) {
    const rect = row.getBoundingClientRect()
    if (rect.bottom > top) return { row: row.dataset.row ?? '', offset: rect.top - top }
  }
  return null
}

function offsetOf(scroller: HTMLElement, id: string): number | null {
  const { top } = scroller.getBoundingClientRect()
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-row]')) {
    if (row.dataset.row === id) return row.getBoundingClientRect().top - top
  }
  return null
}

/** The `order` of the lowest row that is really on screen; `null` when none is. */
export function lowestVisibleOrder(scroller: HTMLElement): number | null {
  const { bottom } = scroller.getBoundingClientRect()
  const rows = [...scroller.querySelectorAll<HTMLElement>('[data-order]')]
  const seen = rows.findLast((row) => {
    const rect = row.getBoundingClientRect()
    return rect.top + Math.min(rect.height, AT_BOTTOM_PX) <= bottom
  })
  return seen ? Number(seen.dataset.order) : null
}
