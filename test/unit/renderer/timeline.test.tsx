// @vitest-environment happy-dom
/** Reading a chat: rows, keys, links, failures, what is told as read. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Timeline } from '../../../renderer/src/features/timeline/timeline.tsx'
import type { ChatSummary, Message } from '../../../shared/contract/chat.ts'
import { emptyChat, people } from '../../support/chats.ts'
import { mountView } from '../../support/mount-view.tsx'

const now = Date.now()
const message = (order: number, more: Partial<Message> = {}): Message => ({
  id: `10000000-0000-4000-8000-${String(order).padStart(12, '0')}`,
  chatId: 'cloud:bob',
  from: more.mine ? 'alice' : 'bob',
  mine: false,
  body: { kind: 'text', text: `message ${order}` },
  at: now - 1_000_000 + order * 1000,
  order,
  delivery: null,
  ...more,
})

async function withMessages(messages: Message[], chat: Partial<ChatSummary> = {}) {
  const whole = { ...emptyChat(people.bob), ...chat }
  const shown = await mountView(<Timeline chat={whole} />, { fresh: true, messages })
  await screen.findByRole('list', { name: 'Messages' })
  return shown
}

afterEach(() => {
  vi.restoreAllMocks()
})

const rows = () => [...document.querySelectorAll<HTMLElement>('[data-row]')]

describe('Timeline', () => {
  it('is one tab stop, in which arrows, pages, Home and End move', async () => {
    await withMessages(Array.from({ length: 30 }, (_, index) => message(index + 1)))
    expect(rows().filter((row) => row.tabIndex === 0)).toHaveLength(1)
    const press = (key: string) => act(() => void fireEvent.keyDown(document.activeElement ?? document.body, { key }))
    act(() => rows().at(-1)?.focus())
    press('ArrowUp')
    expect(document.activeElement).toBe(rows()[28])
    press('PageUp')
    expect(document.activeElement).toBe(rows()[18])
    press('Home')
    expect(document.activeElement).toBe(rows()[0])
    press('ArrowUp')
    expect(document.activeElement).toBe(rows()[0])
    press('End')
    expect(document.activeElement).toBe(rows()[29])
    expect(rows().filter((row) => row.tabIndex === 0)).toEqual([rows()[29]])
  })

  it('shows whatever was written as text, and asks before a link is followed', async () => {
    const { store } = await withMessages([
      message(1, { body: { kind: 'text', text: '<b>not bold</b> https://pages.throughline.test/bob/x.' } }),
    ])
    expect(screen.getByText(/<b>not bold<\/b>/)).toBeTruthy()
    const link = screen.getByRole('link', { name: 'https://pages.throughline.test/bob/x' })
    expect(link.hasAttribute('href')).toBe(false)
    fireEvent.click(link)
    expect(store.getState().link).toBe('https://pages.throughline.test/bob/x')
  })

  it('says what became of a message of ours in words, and what can be done about a failure', async () => {
    const { asked, store } = await withMessages([
      message(1, { mine: true, delivery: { state: 'read' } }),
      message(2, { mine: true, delivery: { state: 'queued' } }),
      message(3, { mine: true, delivery: { state: 'failed', reason: 'too-large' } }),
    ])
    expect(within(rows()[0] as HTMLElement).getByText('Read')).toBeTruthy()
    expect(within(rows()[1] as HTMLElement).getByText('Waiting to be sent')).toBeTruthy()
    expect(screen.queryByText('Waits here, goes by itself.')).toBeNull()
    const { path } = store.getState()
    act(() => store.setState({ path: path && { ...path, status: 'looking', route: null } }))
    expect(within(rows()[1] as HTMLElement).getByText('Waits here, goes by itself.')).toBeTruthy()
    const failed = within(rows()[2] as HTMLElement)
    expect(failed.getByText('Not sent: too large for the relay.')).toBeTruthy()
    fireEvent.click(failed.getByRole('button', { name: 'Try again' }))
    fireEvent.click(failed.getByRole('button', { name: 'Delete' }))
    await waitFor(() => expect(asked('message.discard')).toEqual([{ id: message(3).id }]))
    expect(asked('message.retry')).toEqual([{ id: message(3).id }])
    await waitFor(() => expect(rows()).toHaveLength(2))
  })

  it('tells as read only what is on screen while the window has the focus', async () => {
    const focused = vi.spyOn(document, 'hasFocus').mockReturnValue(false)
    const { asked } = await withMessages([message(1), message(2)], { unread: 2, firstUnread: 1 })
    expect(screen.getByText('Unread from here')).toBeTruthy()
    expect(asked('chat.read')).toEqual([])
    focused.mockReturnValue(true)
    act(() => void window.dispatchEvent(new Event('focus')))
    await waitFor(() => expect(asked('chat.read')).toEqual([{ chatId: 'cloud:bob', order: 2 }]))
    expect(screen.getByText('Unread from here')).toBeTruthy()
  })

  it('reads a new message out once, and never the older ones', async () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true)
    const { fake } = await withMessages([message(1), message(2)])
    const log = screen.getByRole('log')
    expect(log.textContent).toBe('')
    act(() => fake.put(message(3)))
    await waitFor(() => expect(log.textContent).toBe('bob: message 3'))
    act(() => fake.put(message(3, { at: now })))
    act(() => fake.put(message(4, { mine: true, delivery: { state: 'sent' } })))
    await waitFor(() => expect(rows()).toHaveLength(4))
    expect(log.textContent).toBe('bob: message 3')
  })

  it('loads the newest page, and more when the upper edge comes near', async () => {
    const { asked } = await withMessages(Array.from({ length: 250 }, (_, index) => message(index + 1)))
    await waitFor(() => expect(rows()).toHaveLength(250))
    expect(asked('message.list')).toEqual([
      { chatId: 'cloud:bob', limit: 100 },
      { chatId: 'cloud:bob', limit: 100, before: 151 },
      { chatId: 'cloud:bob', limit: 100, before: 51 },
    ])
  })

  it('offers a file that only the relay has, shows how much came, and saves what is here', async () => {
    const file = (order: number, transfer: Extract<Message['body'], { kind: 'file' }>['transfer']) =>
      message(order, { body: { kind: 'file', name: 'a\u202etxt.exe', type: 'application/octet-stream', size: 2000, transfer } })
    const { asked } = await withMessages([
      file(1, { state: 'remote', done: 0, total: 2000 }),
      file(2, { state: 'downloading', done: 500, total: 2000 }),
      file(3, { state: 'ready', done: 2000, total: 2000 }),
    ])
    expect(screen.getAllByText('atxt.exe')).toHaveLength(3)
    expect(screen.getByRole('progressbar', { name: 'Downloading' })).toMatchObject({ value: 500, max: 2000 })
    expect(screen.getByRole('button', { name: 'Save atxt.exe' })).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Get file' }))
    await waitFor(() => expect(asked('file.fetch')).toEqual([{ messageId: message(1).id }]))
  })

  it('shows how much of a file of ours has gone up, and nothing any more once it is there', async () => {
    const sent = (done: number, state: 'uploading' | 'ready') =>
      message(1, {
        mine: true,
        delivery: { state: 'queued' },
        body: { kind: 'file', name: 'minutes.bin', type: 'application/octet-stream', size: 4000, transfer: { state, done, total: 4000 } },
      })
    const { fake } = await withMessages([sent(1000, 'uploading')])
    expect(screen.getByRole('progressbar', { name: 'Uploading' })).toMatchObject({ value: 1000, max: 4000 })
    act(() => fake.put(sent(3000, 'uploading')))
    await waitFor(() => expect(screen.getByRole('progressbar', { name: 'Uploading' })).toMatchObject({ value: 3000 }))
    act(() => fake.put(sent(4000, 'ready')))
    await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull())
  })

  it('shows a picture only where the content is one, decoded in a frame of its own', async () => {
    const picture = (order: number, type: string) =>
      message(order, { body: { kind: 'file', name: 'x.png', type, size: 3, transfer: { state: 'ready', done: 3, total: 3 } } })
    const { container } = await withMessages([picture(1, 'image/png'), picture(2, 'image/svg+xml'), picture(3, 'text/html')])
    await waitFor(() => expect(document.querySelectorAll('iframe[sandbox="allow-scripts"]')).toHaveLength(1))
    expect(container.querySelectorAll('img')).toHaveLength(0)
    expect(container.querySelectorAll('button[aria-label="Open the picture x.png"]')).toHaveLength(1)
    expect(screen.getAllByRole('button', { name: 'Save x.png' })).toHaveLength(2)
  })
})
