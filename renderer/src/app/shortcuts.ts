/** The one table of shortcuts: the dispatcher runs it, the help shows it. */
import type { AppState, View } from '../state/state.ts'
import { views } from '../state/state.ts'
import type { Dispatch } from '../state/store.ts'

interface KeyPress {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

export interface Shortcut {
  readonly id: 'search' | 'find' | 'settings' | 'add' | 'help' | 'lock' | 'nextChat' | 'previousChat' | View
  /** `mod` is Ctrl, or Cmd on a Mac. */
  readonly with: 'mod' | 'modShift' | 'alt' | 'none'
  readonly key: string
  /** The physical key, for layouts whose letters are not Latin. */
  readonly code: string
  /** Null where it does nothing now, and the key is then left to the browser. */
  run(state: AppState, order: readonly string[]): Parameters<Dispatch>[0] | null
}

const sheet = (id: 'search' | 'find' | 'settings' | 'add' | 'help') => ({ type: 'sheet.opened', sheet: id }) as const

function step(state: AppState, order: readonly string[], by: number): Parameters<Dispatch>[0] | null {
  if (order.length === 0) return null
  const at = state.openChat === null ? -1 : order.indexOf(state.openChat)
  const next = order[Math.min(Math.max(at + by, 0), order.length - 1)]
  return next ? { type: 'chat.opened', chatId: next } : null
}

export const shortcuts: readonly Shortcut[] = [
  { id: 'search', with: 'mod', key: 'k', code: 'KeyK', run: () => sheet('search') },
  { id: 'find', with: 'mod', key: 'f', code: 'KeyF', run: (state) => (state.view === 'chats' && state.openChat ? sheet('find') : null) },
  { id: 'add', with: 'alt', key: 'n', code: 'KeyN', run: () => sheet('add') },
  { id: 'settings', with: 'mod', key: ',', code: 'Comma', run: () => sheet('settings') },
  { id: 'help', with: 'none', key: 'F1', code: 'F1', run: () => sheet('help') },
  { id: 'lock', with: 'modShift', key: 'l', code: 'KeyL', run: (state) => (state.profile?.passphrase ? { type: 'lock.asked' } : null) },
  { id: 'previousChat', with: 'alt', key: 'ArrowUp', code: 'ArrowUp', run: (state, order) => step(state, order, -1) },
  { id: 'nextChat', with: 'alt', key: 'ArrowDown', code: 'ArrowDown', run: (state, order) => step(state, order, 1) },
  ...views.map(
    (view, index): Shortcut => ({
      id: view,
      with: 'alt',
      key: String(index + 1),
      code: `Digit${index + 1}`,
      run: () => ({ type: 'view.opened', view }),
    }),
  ),
]

/** The shortcut of a key press: by its character on Latin layouts, else by where the key is. */
export function shortcutFor(press: KeyPress): Shortcut | null {
  const mod = press.ctrlKey || press.metaKey
  const held = mod ? (press.altKey ? null : press.shiftKey ? 'modShift' : 'mod') : press.shiftKey ? null : press.altKey ? 'alt' : 'none'
  if (held === null) return null
  const latin = press.key.length > 1 || /^[\x20-\x7e]$/.test(press.key)
  const fits = (shortcut: Shortcut) => (latin ? press.key.toLowerCase() === shortcut.key.toLowerCase() : press.code === shortcut.code)
  return shortcuts.find((shortcut) => shortcut.with === held && fits(shortcut)) ?? null
}
