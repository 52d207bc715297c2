// @vitest-environment happy-dom
/** The rows of a secret chat: what happened, timers, what was truly seen, and removing for both. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChatsView } from '../../../renderer/src/app/chats-view.tsx'
import { Sheets } from '../../../renderer/src/app/sheets.tsx'
import { Timeline } from '../../../renderer/src/features/timeline/timeline.tsx'
import { catalogues } from '../../../renderer/src/i18n/catalogues.ts'
import { createFormat } from '../../../renderer/src/i18n/format.ts'
import type { Message } from '../../../shared/contract/chat.ts'
import { Notice } from '../../../shared/contract/secret.ts'
import { people } from '../../support/chats.ts'
import { notice, secretChat } from '../../support/fake-secret.ts'
import { mountView, openMenu } from '../../support/mount-view.tsx'

const SECRET = 'secret:bob'
const now = Date.now()
const message = (order: number, more: Partial<Message> = {}): Message => ({
  id: `60000000-0000-4000-8000-${String(order).padStart(12, '0')}`,
  chatId: SECRET,
  from: more.mine ? 'alice' : 'bob',
  mine: false,
  body: { kind: 'text', text: `message ${order}` },
  at: now - 1_000_000 + order * 1000,
  order,
  delivery: more.mine ? { state: 'delivered' } : null,
  vanish: { ttl: null, at: null },
  ...more,
})

async function withRows(messages: Message[], locale: 'en' | 'fa' | 'pseudo' = 'en') {
  const chat = secretChat(people.bob)
  const shown = await mountView(<Timeline chat={chat} beginning="Only here." />, { fresh: true, chats: [chat], messages }, locale)
  await waitFor(() => expect(document.querySelector('[data-row]')).toBeTruthy())
  return shown
}
const row = (order: number) => within(document.querySelector(`[data-order="${order}"]`) as HTMLElement)
const looking = (is: boolean) => vi.spyOn(document, 'hasFocus').mockReturnValue(is)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('what happened in a secret chat', () => {
  const plain = Notice.options[0].entries.code.options
  const every: Notice[] = [
    ...plain.map((code) => ({ code })),
    { code: 'missing', count: 2 },
    { code: 'timer', ttl: 5000 },
    { code: 'timer', ttl: null },
    { code: 'removed', count: 1 },
  ]

  it.each(['en', 'fa', 'pseudo'] as const)('is a whole sentence for every code, whoever did it, in %s', async (locale) => {
    const rows = every.flatMap((body, index) => [notice(SECRET, 2 * index + 1, body, true), notice(SECRET, 2 * index + 2, body, false)])
    await withRows(rows, locale)
    const shown = [...document.querySelectorAll('[data-notice] > p:first-child')].map(({ textContent }) => textContent ?? '')
    expect(shown).toHaveLength(rows.length)
    for (const text of shown) {
      expect(text).not.toMatch(/notice\.|\{\{/)
      expect(text.length).toBeGreaterThan(15)
    }
  })

  it('says why a message is not there and what to do, and is never silent', async () => {
    await withRows([
      notice(SECRET, 1, { code: 'unreadable' }, false),
      notice(SECRET, 2, { code: 'missing', count: 2 }, false),
      notice(SECRET, 3, { code: 'update-needed' }, false),
      notice(SECRET, 4, { code: 'lost', count: 1 }, false),
      notice(SECRET, 5, { code: 'reset' }, true),
      notice(SECRET, 6, { code: 'reset' }, false),
      notice(SECRET, 7, { code: 'rolled-back' }, true),
    ])
    expect(row(1).getByText(/could not be opened: it was damaged, or made for other keys\. Ask for it again\./)).toBeTruthy()
    expect(row(2).getByText(/2 messages from Bob have not come\. Bob's app is asked for them by itself\./)).toBeTruthy()
    expect(row(3).getByText(/Update Throughline, then ask for it again\./)).toBeTruthy()
    expect(row(4).getByText('1 message was lost. Ask Bob to write it again.')).toBeTruthy()
    expect(row(5).getByText(/^This app made new keys with Bob's device/)).toBeTruthy()
    expect(row(6).getByText(/^Bob's app made new keys with this device/)).toBeTruthy()
    expect(row(7).getByText(/^This profile was restored from an older copy\./)).toBeTruthy()
  })

  it('says once what a timer cannot do', async () => {
    const timer = (order: number, ttl: number | null) => notice(SECRET, order, { code: 'timer', ttl })
    await withRows([timer(1, null), timer(2, 5000), timer(3, 60_000)])
    expect(screen.getAllByText(/A camera, a changed app or whoever controls a computer can keep it\./)).toHaveLength(1)
    expect(row(2).getByText(/A camera/)).toBeTruthy()
  })

  it('is read out when it comes', async () => {
    looking(true)
    const { fake } = await withRows([message(1)])
    act(() => fake.put(notice(SECRET, 2, { code: 'keys-changed' }, false)))
    await waitFor(() => expect(screen.getByRole('log').textContent).toMatch(/^Bob's keys changed\./))
  })
})

describe('a timer', () => {
  it('of a message of ours says what it waits for, and then how long is left', async () => {
    looking(false)
    const { fake } = await withRows([message(1, { mine: true, vanish: { ttl: 10_000, at: null } })])
    expect(row(1).getByText('Vanishes 10 s after Bob sees it. Not seen yet.')).toBeTruthy()
    act(() => fake.put(message(1, { mine: true, vanish: { ttl: 10_000, at: Date.now() + 9_500 } })))
    const left = () => Number(/Vanishes in (\d+) s\./.exec(row(1).getByText(/Vanishes in/).textContent ?? '')?.[1])
    await row(1).findByText(/Vanishes in \d+ s\./)
    const atFirst = left()
    expect(atFirst).toBeLessThanOrEqual(10)
    await waitFor(() => expect(left()).toBeLessThan(atFirst))
  })

  it('takes the row away without a word when its time is over', async () => {
    looking(true)
    const { fake } = await withRows([message(1), message(2, { vanish: { ttl: 1000, at: now + 1000 } })])
    act(() => fake.emit('message.removed', { id: message(2).id, chatId: SECRET }))
    await waitFor(() => expect(document.querySelectorAll('[data-row]')).toHaveLength(1))
    expect(screen.getByRole('log').textContent).toBe('')
  })

  it('of what is written from now on is chosen from a list that says which holds', async () => {
    const { asked, dispatch, store } = await mountView(<ChatsView />, { fresh: true, chats: [secretChat(people.bob, { ttl: 30_000 })] })
    await waitFor(() => expect(store.getState().chats).not.toBeNull())
    act(() => dispatch({ type: 'chat.opened', chatId: SECRET }))
    openMenu('Timer: 30 s')
    const choices = screen.getAllByRole('menuitemradio')
    expect(choices.map(({ textContent }) => textContent)).toEqual(['Off', '5 s', '30 s', '1 min', '1 hour', '1 day', '1 week'])
    expect(choices.filter((choice) => choice.getAttribute('aria-checked') === 'true').map(({ textContent }) => textContent)).toEqual([
      '30 s',
    ])
    fireEvent.click(screen.getByRole('menuitemradio', { name: 'Off' }))
    await waitFor(() => expect(asked('secret.timer')).toEqual([{ chatId: SECRET, ttl: null }]))
    expect(await screen.findByRole('button', { name: 'Timer: off' })).toBeTruthy()
  })

  it('can be any whole time from a second to four weeks', async () => {
    const { asked, dispatch, store } = await mountView(<ChatsView />, { fresh: true, chats: [secretChat(people.bob)] })
    await waitFor(() => expect(store.getState().chats).not.toBeNull())
    act(() => dispatch({ type: 'chat.opened', chatId: SECRET }))
    openMenu('Timer: off')
    fireEvent.click(screen.getByRole('menuitem', { name: 'Another time' }))
    const amount = screen.getByRole('textbox', { name: 'How long' })
    const unit = screen.getByRole('combobox', { name: 'In' })
    for (const [value, name] of [
      ['0', 'second'],
      ['1.5', 'minute'],
      ['29', 'day'],
      ['', 'hour'],
    ] as const) {
      fireEvent.change(amount, { target: { value } })
      fireEvent.change(unit, { target: { value: name } })
      fireEvent.click(screen.getByRole('button', { name: 'Set' }))
      expect(screen.getByText('From 1 second to 4 weeks, as a whole number.')).toBeTruthy()
    }
    expect(asked('secret.timer')).toEqual([])
    fireEvent.change(amount, { target: { value: '90' } })
    fireEvent.change(unit, { target: { value: 'minute' } })
    fireEvent.click(screen.getByRole('button', { name: 'Set' }))
    await waitFor(() => expect(asked('secret.timer')).toEqual([{ chatId: SECRET, ttl: 5_400_000 }]))
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('is written exactly, in the largest unit that leaves no rest', () => {
    const { timer } = createFormat('en-GB')
    expect([1000, 90_000, 60_000, 3_600_000, 86_400_000, 14 * 86_400_000].map(timer)).toEqual([
      '1 s',
      '90 s',
      '1 min',
      '1 hour',
      '1 day',
      '2 weeks',
    ])
  })
})

describe('what was truly seen', () => {
  it('is told for rows on screen while the window has the focus, once each', async () => {
    looking(false)
    const { asked } = await withRows([message(1), message(2, { mine: true }), notice(SECRET, 3, { code: 'accepted' }, false)])
    expect(asked('secret.seen')).toEqual([])
    looking(true)
    act(() => void window.dispatchEvent(new Event('focus')))
    await waitFor(() => expect(asked('secret.seen')).toEqual([{ chatId: SECRET, ids: [message(1).id] }]))
    act(() => void window.dispatchEvent(new Event('focus')))
    expect(asked('secret.seen')).toHaveLength(1)
  })

  it('is not told for a row of which less than half is on screen', async () => {
    looking(true)
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockImplementation(function (this: HTMLElement) {
      const [top, height] = this.dataset.order === '1' ? [-30, 50] : this.dataset.order === '2' ? [-20, 50] : [0, 400]
      return new DOMRect(0, top, 300, height)
    })
    const { asked } = await withRows([message(1), message(2)])
    await waitFor(() => expect(asked('secret.seen')).toEqual([{ chatId: SECRET, ids: [message(2).id] }]))
  })

  it('is told for a file with a timer only once it is opened, and shows nothing of it before', async () => {
    looking(true)
    const transfer = { state: 'ready', done: 3, total: 3 } as const
    const picture = message(1, {
      body: { kind: 'file', name: 'pot.png', type: 'image/png', size: 3, transfer },
      vanish: { ttl: 10_000, at: null },
    })
    const { asked } = await withRows([picture])
    expect(row(1).getByText('Vanishes 10 s after you open it.')).toBeTruthy()
    expect(document.querySelector('iframe')).toBeNull()
    expect(asked('file.read')).toEqual([])
    expect(asked('secret.seen')).toEqual([])
    fireEvent.click(row(1).getByRole('button', { name: 'Open pot.png' }))
    await waitFor(() => expect(asked('secret.seen')).toEqual([{ chatId: SECRET, ids: [picture.id] }]))
    await waitFor(() => expect(document.querySelectorAll('iframe[sandbox="allow-scripts"]')).toHaveLength(1))
  })
})

describe('removing for both', () => {
  it('asks first, promises no more than is true, and goes', async () => {
    looking(false)
    const { asked } = await withRows([message(1, { mine: true }), message(2)])
    act(() => {
      const list = row(2).getByRole('menu', { hidden: true })
      list.dispatchEvent(Object.assign(new Event('beforetoggle'), { newState: 'open' }))
    })
    fireEvent.click(row(2).getByRole('menuitem', { name: 'Remove for both' }))
    const question = within(screen.getByRole('dialog', { name: 'Remove this message for both?' }))
    expect(question.getByText(/A camera, a changed app or whoever controls a computer can keep it\./)).toBeTruthy()
    expect(asked('secret.remove')).toEqual([])
    fireEvent.click(question.getByRole('button', { name: 'Remove' }))
    await waitFor(() => expect(asked('secret.remove')).toEqual([{ chatId: SECRET, ids: [message(2).id] }]))
    await waitFor(() => expect(screen.queryByText('message 2')).toBeNull())
  })
})

describe('what the relay can read', () => {
  it('is shown for both threads side by side, and what it learns of either', async () => {
    const said = message(1, { chatId: 'cloud:bob', body: { kind: 'text', text: 'Soup at noon' } })
    const sealed = message(2, { body: { kind: 'text', text: 'The third pot' } })
    const chats = [secretChat(people.bob)]
    const { dispatch, store, asked } = await mountView(<ChatsView />, { fresh: true, chats, messages: [said, sealed] })
    await waitFor(() => expect(store.getState().chats).not.toBeNull())
    act(() => dispatch({ type: 'chat.opened', chatId: 'cloud:bob' }))
    fireEvent.click(screen.getByRole('button', { name: 'What can the relay read?' }))
    const sheet = within(screen.getByRole('dialog', { name: 'What can the relay read?' }))
    expect(await sheet.findByText('Soup at noon')).toBeTruthy()
    expect(sheet.getByText(/^1 sealed packet, 512 bytes, /)).toBeTruthy()
    expect(sheet.getByText(/^01 02 a4 17/)).toBeTruthy()
    expect(sheet.queryByText(/third pot/)).toBeNull()
    expect(sheet.getByText('That you and Bob write to each other.')).toBeTruthy()
    expect(asked('secret.atRelay')).toEqual([{ chatId: 'cloud:bob' }, { chatId: SECRET }])
  })

  it('asks nothing about a secret chat that is not there', async () => {
    const { dispatch, store, asked } = await mountView(<ChatsView />, { fresh: true })
    await waitFor(() => expect(store.getState().chats).not.toBeNull())
    act(() => dispatch({ type: 'chat.opened', chatId: 'cloud:bob' }))
    fireEvent.click(screen.getByRole('button', { name: 'What can the relay read?' }))
    expect(await screen.findByText('There is no secret chat with Bob yet.')).toBeTruthy()
    expect(asked('secret.atRelay')).toEqual([{ chatId: 'cloud:bob' }])
  })
})

describe('search', () => {
  it('says of what it found in a secret chat that it is one, and goes there', async () => {
    const chats = [secretChat(people.bob)]
    const found = message(1, { body: { kind: 'text', text: 'The third pot' } })
    const { dispatch, store } = await mountView(<Sheets />, { fresh: true, chats, messages: [found] })
    await waitFor(() => expect(store.getState().chats).not.toBeNull())
    act(() => dispatch({ type: 'sheet.opened', sheet: 'search' }))
    const box = screen.getByRole('combobox', { name: 'Words or a name' })
    fireEvent.change(box, { target: { value: 'pot' } })
    const hit = await screen.findByRole('option')
    expect(within(hit).getByText('Secret')).toBeTruthy()
    fireEvent.keyDown(box, { key: 'Enter' })
    await waitFor(() => expect(store.getState().openChat).toBe(SECRET))
  })

  it('in one secret chat names the person', async () => {
    const { dispatch } = await mountView(<Sheets />, { fresh: true, chats: [secretChat(people.bob)] })
    act(() => dispatch({ type: 'chat.opened', chatId: SECRET }))
    act(() => dispatch({ type: 'sheet.opened', sheet: 'find' }))
    expect(screen.getByRole('dialog', { name: 'Find in the chat with bob' })).toBeTruthy()
  })
})

describe('the emoji of the comparison', () => {
  it('are 64, each with a name of its own in every language', () => {
    for (const locale of ['en', 'fa'] as const) {
      const names = Object.values(catalogues[locale].emoji)
      expect(new Set(names).size).toBe(64)
      for (const name of names) expect(name).toMatch(/^\S+$/u)
    }
  })
})

describe('a picture to be seen once', () => {
  const once = (state: 'ready' | 'gone', mine = false): Message =>
    message(1, {
      mine,
      body: { kind: 'file', name: 'IMG_2041.png', type: 'image/png', size: 3, transfer: { state, done: 3, total: 3 }, once: true },
    })

  it('is shown when its button is pressed, not before, and is gone when it is closed', async () => {
    looking(true)
    const { asked } = await withRows([once('ready')])
    expect(row(1).queryByRole('img')).toBeNull()
    expect(asked('secret.seen')).toEqual([])
    fireEvent.click(row(1).getByRole('button', { name: 'Open once' }))
    const dialog = await screen.findByRole('dialog')
    expect(asked('secret.seen')).toEqual([{ chatId: SECRET, ids: [once('ready').id] }])
    expect(within(dialog).queryByRole('button', { name: /Save/ })).toBeNull()
    fireEvent.click(within(dialog).getByRole('button', { name: 'Close' }))
    await waitFor(() => expect(asked('secret.viewed')).toEqual([{ chatId: SECRET, id: once('ready').id }]))
    expect(await row(1).findByText('You opened the picture. It is gone.')).toBeTruthy()
    expect(row(1).queryByRole('button', { name: 'Open once' })).toBeNull()
  })

  it('cannot be opened again by whoever sent it, and is never named', async () => {
    await withRows([once('ready', true)])
    expect(row(1).getByText('A picture Bob can open once.')).toBeTruthy()
    expect(row(1).queryByRole('button', { name: 'Open once' })).toBeNull()
    expect(document.body.textContent).not.toContain('IMG_2041')
  })
})
