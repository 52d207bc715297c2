import { describe, expect, it } from 'vitest'
import { shortcutFor, shortcuts } from '../../../renderer/src/app/shortcuts.ts'
import { initialState } from '../../../renderer/src/state/state.ts'

const press = (key: string, code: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
})
const order = ['cloud:bob', 'cloud:carol', 'cloud:dora']

describe('shortcuts', () => {
  it('go by the character where it is Latin, wherever its key lies', () => {
    expect(shortcutFor(press('k', 'KeyV', { ctrlKey: true }))?.id).toBe('search')
    expect(shortcutFor(press('х', 'KeyK', { ctrlKey: true }))?.id).toBe('search')
    expect(shortcutFor(press('v', 'KeyK', { ctrlKey: true }))).toBeNull()
  })

  it('are never single letters, and do not take keys with other modifiers', () => {
    expect(shortcuts.filter((shortcut) => shortcut.with === 'none' && shortcut.key.length === 1)).toEqual([])
    expect(shortcutFor(press('k', 'KeyK'))).toBeNull()
    expect(shortcutFor(press('K', 'KeyK', { ctrlKey: true, shiftKey: true }))).toBeNull()
    expect(shortcutFor(press('k', 'KeyK', { ctrlKey: true, altKey: true }))).toBeNull()
  })

  it('are all different', () => {
    const keys = shortcuts.map((shortcut) => `${shortcut.with} ${shortcut.key}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('step through the chats and stop at the ends', () => {
    const next = shortcutFor(press('ArrowDown', 'ArrowDown', { altKey: true }))
    expect(next?.run(initialState, order)).toEqual({ type: 'chat.opened', chatId: 'cloud:bob' })
    expect(next?.run({ ...initialState, openChat: 'cloud:dora' }, order)).toEqual({ type: 'chat.opened', chatId: 'cloud:dora' })
    expect(next?.run(initialState, [])).toBeNull()
  })

  it('leave Ctrl+F to the browser where no chat is open', () => {
    expect(shortcutFor(press('f', 'KeyF', { ctrlKey: true }))?.run(initialState, order)).toBeNull()
  })
})
