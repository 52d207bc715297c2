/** Secret chats to look at: one with Bob in the state asked for, with a row of every kind. */
import type { ChatSummary, Message } from '../../../shared/contract/chat.ts'
import { Notice, type SecretState } from '../../../shared/contract/secret.ts'
import { believable, people } from '../chats.ts'
import { notice, secretChat, symbols } from '../fake-secret.ts'

const now = Date.now()
const MINUTE = 60_000
const ID = 'secret:bob'

const states: Record<string, Partial<SecretState>> = {
  waiting: { state: 'waiting' },
  asked: { state: 'asked' },
  secured: {},
  compared: { compared: now - 5 * 24 * 60 * MINUTE },
  timer: { ttl: 10_000 },
  comparing: { comparing: { phase: 'asked' } },
  symbols: { comparing: { phase: 'show', symbols } },
  changed: { state: 'changed' },
  ended: { state: 'ended', ended: 'by-peer' },
}

const text = (order: number, words: string, mine: boolean, more: Partial<Message> = {}): Message => ({
  id: `50000000-0000-4000-8000-${String(order).padStart(12, '0')}`,
  chatId: ID,
  from: mine ? 'alice' : 'bob',
  mine,
  body: { kind: 'text', text: words },
  at: now - (40 - order) * MINUTE,
  order,
  delivery: mine ? { state: 'read' } : null,
  vanish: { ttl: null, at: null },
  ...more,
})
const happened = (order: number, body: Notice, mine = true) => notice(ID, order, body, mine, now - (40 - order) * MINUTE)

const codes = Notice.options[0].entries.code.options.filter((code) => code !== 'started')

export function secretWorld(asked: string | null): { chats?: ChatSummary[]; messages?: Message[] } {
  if (asked === null) return {}
  const state = states[asked] ?? {}
  const last = {
    preview: 'The key is under the third pot',
    isFile: false,
    mine: true,
    at: now - 22 * MINUTE,
    delivery: { state: 'read' },
  } as const
  const begun = [happened(1, { code: 'started' })]
  const talk = [
    happened(2, { code: 'accepted' }, false),
    text(3, 'Are you home?', false),
    text(4, 'Yes, and alone. What is it?', true),
    text(5, 'The key is under the third pot. Do not write it anywhere else, not even in the other chat, and come before eight.', false),
    happened(6, { code: 'missing', count: 2 }, false),
  ]
  const timed = [
    happened(10, { code: 'timer', ttl: 10_000 }),
    text(11, 'Third pot, got it', true, { vanish: { ttl: 10_000, at: null }, delivery: { state: 'delivered' } }),
    text(12, 'Good', false, { vanish: { ttl: 3_600_000, at: now + 3_000_000 } }),
  ]
  const every = codes.map((code, index) => happened(20 + index, { code }, index % 2 === 0))
  const rows =
    asked === 'asked'
      ? []
      : asked === 'waiting'
        ? begun
        : asked === 'notices'
          ? [...begun, ...every]
          : [...begun, ...talk, ...(asked === 'timer' ? timed : [])]
  return {
    chats: [
      secretChat(people.bob, state, { last: asked === 'asked' || asked === 'waiting' ? null : last, unread: asked === 'secured' ? 2 : 0 }),
    ],
    messages: [...believable().messages, ...rows],
  }
}
