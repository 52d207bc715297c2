import { describe, expect, it } from 'vitest'
import { timelineRows } from '../../../renderer/src/features/timeline/rows.ts'
import type { Message } from '../../../shared/contract/chat.ts'

const noon = new Date(2026, 4, 13, 12).getTime()
const message = (order: number, from: string, at: number): Message => ({
  id: `00000000-0000-4000-8000-${String(order).padStart(12, '0')}`,
  chatId: 'cloud:bob',
  from,
  mine: from === 'alice',
  body: { kind: 'text', text: 'x' },
  at,
  order,
  delivery: null,
})
const kinds = (messages: Message[], unreadFrom: number | null = null) =>
  timelineRows(messages, unreadFrom).map((row) => (row.kind === 'message' ? (row.joined ? 'joined' : 'message') : row.kind))

describe('rows of a chat', () => {
  it('begin each day with its name', () => {
    expect(kinds([message(1, 'bob', noon), message(2, 'bob', noon + 86_400_000)])).toEqual(['day', 'message', 'day', 'message'])
  })

  it('join what one person said in one go', () => {
    const said = [
      message(1, 'bob', noon),
      message(2, 'bob', noon + 1000),
      message(3, 'alice', noon + 2000),
      message(4, 'alice', noon + 900_000),
    ]
    expect(kinds(said)).toEqual(['day', 'message', 'joined', 'message', 'message'])
  })

  it('mark once where the unread messages begin, also if that very message is gone', () => {
    const said = [message(1, 'bob', noon), message(3, 'bob', noon + 1000), message(4, 'bob', noon + 2000)]
    expect(kinds(said, 2)).toEqual(['day', 'message', 'unread', 'message', 'joined'])
  })

  it('begin a new run of bubbles after something that happened', () => {
    const happened = { ...message(2, 'bob', noon + 1000), body: { kind: 'notice', notice: { code: 'unreadable' } } } as const
    expect(kinds([message(1, 'bob', noon), happened, message(3, 'bob', noon + 2000)])).toEqual(['day', 'message', 'notice', 'message'])
  })
})
