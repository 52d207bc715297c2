/** One tab stop for a whole list; arrows, PageUp/PageDown (ten), Home and End move within it. Focus survives the removal of its row. */
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'

const PAGE = 10

export interface Roving<E extends HTMLElement> {
  readonly container: RefObject<E | null>
  /** The row that Tab reaches. */
  readonly active: string | null
  /** For the row: which one it is, and whether Tab reaches it. */
  rowProps(id: string): { 'data-row': string; tabIndex: 0 | -1; onFocus: () => void }
  onKeyDown(event: KeyboardEvent): void
}

/** `start` is the tab stop until the person moved. */
export function useRoving<E extends HTMLElement>(ids: readonly string[], start: string | null): Roving<E> {
  const container = useRef<E>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const lastAt = useRef(-1)
  const active = [chosen, start].find((id) => id !== null && ids.includes(id)) ?? ids[0] ?? null

  const focusRow = (id: string | undefined) => {
    const row = [...(container.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].find((element) => element.dataset.row === id)
    row?.focus()
  }

  useEffect(() => {
    const at = chosen === null ? -1 : ids.indexOf(chosen)
    if (chosen !== null && at < 0 && lastAt.current >= 0 && document.activeElement === document.body) {
      focusRow(ids[Math.min(lastAt.current, ids.length - 1)])
    }
    lastAt.current = at
  })

  return {
    container,
    active,
    rowProps: (id) => ({ 'data-row': id, tabIndex: id === active ? 0 : -1, onFocus: () => setChosen(id) }),
    onKeyDown(event) {
      const at = active === null ? -1 : ids.indexOf(active)
      const last = ids.length - 1
      const next = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: last }[event.key]
      if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      focusRow(ids[Math.min(Math.max(next, 0), last)])
    },
  }
}
