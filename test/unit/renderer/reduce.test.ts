import { describe, expect, it } from 'vitest'
import { reduce, WINDOW_ROWS } from '../../../renderer/src/state/reduce.ts'
import { type AppEvent, type AppState, initialState } from '../../../renderer/src/state/state.ts'
import type { Message } from '../../../shared/contract/chat.ts'
import { atRest } from '../../support/lab-fixtures.ts'

const chatId = 'cloud:bob'
const message = (order: number, more: Partial<Message> = {}): Message => ({
  id: `00000000-0000-4000-8000-${String(order).padStart(12, '0')}`,
  chatId,
  from: 'bob',
  mine: false,
  body: { kind: 'text', text: `message ${order}` },
  at: order * 1000,
  order,
  delivery: null,
  ...more,
})
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index))
const stateAfter = (...events: AppEvent[]): AppState => events.reduce(reduce, initialState)
const orders = (state: AppState) => state.windows[chatId]?.messages.map(({ order }) => order)
const loaded = (from: number, to: number, more: { hasOlder?: boolean; hasNewer?: boolean } = {}): AppEvent => ({
  type: 'window.loaded',
  chatId,
  messages: range(from, to),
  hasOlder: more.hasOlder ?? false,
  hasNewer: more.hasNewer ?? false,
})

describe('what the window knows', () => {
  it('puts an arriving message at its place, not at the end', () => {
    const state = stateAfter(
      loaded(1, 3),
      { type: 'message.changed', payload: message(9) },
      { type: 'message.changed', payload: message(5) },
    )
    expect(orders(state)).toEqual([1, 2, 3, 5, 9])
  })

  it('changes nothing when the same event comes twice', () => {
    const arrived: AppEvent = { type: 'message.changed', payload: message(4) }
    const once = stateAfter(loaded(1, 3), arrived)
    expect(reduce(once, arrived)).toEqual(once)
  })

  it('shows a message of ours in its new state instead of twice', () => {
    const mine = message(4, { mine: true, delivery: { state: 'queued' } })
    const read = { ...mine, order: 6, delivery: { state: 'read' } as const }
    const state = stateAfter(loaded(1, 3), { type: 'message.changed', payload: mine }, { type: 'message.changed', payload: read })
    expect(orders(state)).toEqual([1, 2, 3, 6])
    expect(state.windows[chatId]?.messages.at(-1)?.delivery).toEqual({ state: 'read' })
  })

  it('leaves messages outside a window that does not reach them', () => {
    const middle = loaded(10, 20, { hasOlder: true, hasNewer: true })
    expect(orders(stateAfter(middle, { type: 'message.changed', payload: message(25) }))?.at(-1)).toBe(20)
    expect(orders(stateAfter(middle, { type: 'message.changed', payload: message(5) }))?.[0]).toBe(10)
    expect(orders(stateAfter(middle, { type: 'message.changed', payload: message(15, { at: 1 }) }))).toHaveLength(11)
  })

  it('keeps a bounded window when older messages are loaded, and then knows that newer ones are missing', () => {
    const state = stateAfter(loaded(301, 300 + WINDOW_ROWS, { hasOlder: true }), {
      type: 'older.loaded',
      chatId,
      messages: range(201, 300),
      hasOlder: true,
    })
    expect(state.windows[chatId]).toMatchObject({ hasOlder: true, hasNewer: true })
    expect(orders(state)).toHaveLength(WINDOW_ROWS)
    expect(orders(state)?.[0]).toBe(201)
  })

  it('does not double rows that two pages share', () => {
    const state = stateAfter(loaded(5, 8), { type: 'older.loaded', chatId, messages: range(3, 6), hasOlder: false })
    expect(orders(state)).toEqual([3, 4, 5, 6, 7, 8])
  })

  it('removes a discarded message', () => {
    const state = stateAfter(loaded(1, 3), { type: 'message.removed', payload: { id: message(2).id, chatId } })
    expect(orders(state)).toEqual([1, 3])
  })

  it('goes to the chats when a chat is opened from elsewhere', () => {
    const state = stateAfter({ type: 'view.opened', view: 'lab' }, { type: 'chat.opened', chatId, jumpTo: message(1).id })
    expect(state).toMatchObject({ view: 'chats', openChat: chatId, jumpTo: message(1).id })
  })

  it('knows that the engine is back when it says hello again', () => {
    const lost = stateAfter({ type: 'engine.lost', payload: { restarting: true } })
    expect(lost.engine).toBe('restarting')
    const hello = { contract: 1, build: 'x', shell: 'memory', groups: [], user: 'alice' } as const
    expect(reduce(lost, { type: 'hello', payload: { ...hello, groups: [] } }).engine).toBe('running')
  })

  it('keeps the stories it knows when a change of the lab comes without them, and waits for the first', () => {
    const { scenarios, ...change } = { ...atRest, changedBy: 'bob' }
    expect(stateAfter({ type: 'lab.changed', payload: change }).lab).toBeNull()
    const known = stateAfter({ type: 'lab.changed', payload: atRest }, { type: 'lab.changed', payload: change })
    expect(known.lab).toEqual({ ...atRest, changedBy: 'bob' })
    expect(known.lab?.scenarios).toBe(atRest.scenarios)
  })
})
