/** The people, chats and files inside the fake engine. */
import type { ChatId, ChatSummary, Contact, Holdings, Message, MessageId } from '../../shared/contract/chat.ts'
import { hillside } from './picture.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export const people = {
  alice: person('alice', 'A'),
  bob: person('bob', 'B'),
  carol: person('carol', 'C'),
  nima: person('nima', 'N'),
  dora: person('dora_the_long_handle', 'D'),
}

function person(handle: string, letter: string): Contact {
  return { handle, key: letter.repeat(42).padEnd(43, 'E'), source: 'card' }
}

export function emptyChat(peer: Contact): ChatSummary {
  return { id: `cloud:${peer.handle}`, kind: 'cloud', peer, last: null, unread: 0, firstUnread: null, draft: '' }
}

/** What one sees of a message in a list. */
export function wordsOf(body: Message['body']): string {
  switch (body.kind) {
    case 'text':
      return body.text
    case 'file':
      return body.name
    case 'notice':
      return ''
  }
}

export interface World {
  chats: ChatSummary[]
  messages: Message[]
  files: Map<MessageId, Uint8Array>
}

type Line = Partial<Pick<Message, 'delivery' | 'body'>> & { mine?: boolean; text?: string; minutesAgo: number }

export function believable(now = Date.now()): World {
  const messages: Message[] = []
  const files = new Map<MessageId, Uint8Array>()
  let order = 0
  const chat = (peer: Contact, lines: readonly Line[], more: Partial<ChatSummary> = {}): ChatSummary => {
    const id: ChatId = `cloud:${peer.handle}`
    for (const line of lines) {
      order += 1
      messages.push({
        id: `00000000-0000-4000-8000-${String(order).padStart(12, '0')}`,
        chatId: id,
        from: line.mine ? 'alice' : peer.handle,
        mine: line.mine ?? false,
        body: line.body ?? { kind: 'text', text: line.text ?? '' },
        at: now - line.minutesAgo * MINUTE,
        order,
        delivery: line.mine ? (line.delivery ?? { state: 'read' }) : null,
      })
    }
    const last = messages.at(-1)
    const isHere = last?.chatId === id
    return {
      id,
      kind: 'cloud',
      peer,
      last: isHere
        ? {
            preview: wordsOf(last.body),
            isFile: last.body.kind === 'file',
            mine: last.mine,
            at: last.at,
            delivery: last.delivery,
          }
        : null,
      unread: 0,
      firstUnread: null,
      draft: '',
      ...more,
    }
  }
  const picture = hillside()
  const ready = { state: 'ready', done: picture.length, total: picture.length } as const

  const chats = [
    chat(people.bob, [
      { text: 'Are we still on for Saturday?', minutesAgo: 2 * 24 * 60 + 40 },
      { text: 'Yes! The 9:40 from the main station, then the ridge path.', mine: true, minutesAgo: 2 * 24 * 60 + 38 },
      {
        text: 'Good. I looked at the map again: the lower bridge is closed until spring, so we go up past the chapel and come down on the other side. It is two kilometres longer, but there is a hut where they make soup.',
        minutesAgo: 25 * 60,
      },
      { text: '👍', mine: true, minutesAgo: 25 * 60 - 2 },
      { body: { kind: 'file', name: 'ridge.png', type: 'image/png', size: picture.length, transfer: ready }, minutesAgo: 46 },
      { text: 'From last year, about here', minutesAgo: 46 },
      { text: 'Beautiful. Timetable and notes: https://pages.throughline.test/bob/ridge', mine: true, minutesAgo: 31 },
      {
        body: {
          kind: 'file',
          name: 'gpx track, chapel side.gpx',
          type: 'application/gpx+xml',
          size: 48_213,
          transfer: { state: 'remote', done: 0, total: 48_213 },
        },
        minutesAgo: 12,
      },
      { text: 'I will bring the stove', mine: true, minutesAgo: 3, delivery: { state: 'delivered' } },
      { text: 'and the good coffee', mine: true, minutesAgo: 2, delivery: { state: 'queued' } },
      { text: 'What is the hut called?', mine: true, minutesAgo: 1, delivery: { state: 'failed', reason: 'rejected' } },
    ]),
    chat(
      people.nima,
      [
        { text: 'سلام! رسیدی خانه؟', minutesAgo: 90 },
        { text: 'بله، همین حالا. ممنون از امروز 🌿', mine: true, minutesAgo: 84 },
        { text: 'عکس‌ها را فردا می‌فرستم.', minutesAgo: 80 },
        { text: 'این نشانی را ببین: https://example.org/photos', minutesAgo: 79 },
      ],
      { unread: 2, firstUnread: order + 3 },
    ),
    chat(people.carol, [{ text: 'See you at six.', minutesAgo: 26 * 60 }], { draft: 'Could we make it half past? The' }),
    chat(people.dora, [{ text: 'Thanks!', mine: true, minutesAgo: (12 * DAY) / MINUTE, delivery: { state: 'sent' } }]),
  ]
  for (const message of messages)
    if (message.body.kind === 'file' && message.body.transfer.state === 'ready') files.set(message.id, picture)
  return { chats, messages, files }
}

export const holdings: Holdings = {
  computedAt: Date.UTC(2026, 10, 21, 10, 42),
  tables: [
    {
      table: 'accounts',
      columns: [
        { name: 'handle', type: 'TEXT', meaning: 'The public name.' },
        { name: 'public_key', type: 'BLOB', meaning: 'The key that proves the account.' },
        { name: 'created_day', type: 'INTEGER', meaning: 'The day it was made, not the hour.' },
      ],
      count: 1,
      sample: [{ handle: 'alice', public_key: people.alice.key, created_day: '2026-11-21' }],
    },
    {
      table: 'messages',
      columns: [
        { name: 'chat', type: 'TEXT', meaning: 'Who writes with whom.' },
        { name: 'body', type: 'TEXT', meaning: 'The text, which the relay can read.' },
      ],
      count: 6,
      sample: [
        { chat: 'alice, bob', body: 'I will bring the stove' },
        { chat: 'alice, bob', body: 'Are we still on for Saturday?' },
      ],
    },
    { table: 'files', columns: [{ name: 'bytes', type: 'BLOB', meaning: 'The file itself.' }], count: 0, sample: [] },
  ],
  seenNotStored: ['the address you connect from, while you are connected', 'when you are connected'],
}
