// @vitest-environment happy-dom
/** The list of chats, adding people, links and search. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { Sheets } from '../../../renderer/src/app/sheets.tsx'
import { ChatList } from '../../../renderer/src/features/chats/chat-list.tsx'
import { NoWindow } from '../../../renderer/src/features/contacts/no-window.tsx'
import { LinkSheet } from '../../../renderer/src/features/links/link-sheet.tsx'
import { people } from '../../support/chats.ts'
import { mountView } from '../../support/mount-view.tsx'

const row = (handle: string) => within(document.querySelector(`[data-chat="cloud:${handle}"]`) as HTMLElement)

describe('the list of chats', () => {
  it('shows the last words, a draft instead of them, what is unread and what failed', async () => {
    await mountView(<ChatList />)
    await waitFor(() => expect(document.querySelector('[data-chat]')).toBeTruthy())
    expect(row('carol').getByText('Draft:')).toBeTruthy()
    expect(row('carol').queryByText('See you at six.')).toBeNull()
    expect(row('nima').getByText('2 unread messages')).toBeTruthy()
    expect(row('bob').getByText('Not sent')).toBeTruthy()
  })

  it('shows that somebody is writing', async () => {
    const { fake } = await mountView(<ChatList />)
    await waitFor(() => expect(document.querySelector('[data-chat]')).toBeTruthy())
    act(() => fake.emit('typing.changed', { chatId: 'cloud:bob', typing: true }))
    expect(await row('bob').findByText('Writing…')).toBeTruthy()
  })

  it('invites to add somebody where there is nobody', async () => {
    const { store } = await mountView(<ChatList />, { empty: true })
    expect(await screen.findByText('Nobody here yet. Add someone by handle and key; no phone number.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Add someone' }))
    expect(store.getState().sheet).toBe('add')
  })
})

describe('adding a person', () => {
  const open = async () => {
    const shown = await mountView(<Sheets />)
    await waitFor(() => expect(shown.store.getState().chats).not.toBeNull())
    act(() => shown.dispatch({ type: 'sheet.opened', sheet: 'add' }))
    return shown
  }
  const give = (label: string, value: string, button: string) => {
    fireEvent.change(screen.getByRole('textbox', { name: label }), { target: { value } })
    fireEvent.click(screen.getByRole('button', { name: button }))
  }

  it('takes a card and opens the new chat', async () => {
    const { store } = await open()
    give('Their card', `  erin:${people.carol.key} `, 'Add')
    await waitFor(() => expect(store.getState().openChat).toBe('cloud:erin'))
    expect(store.getState().sheet).toBeNull()
  })

  it('says what is wrong at the field and keeps what was typed', async () => {
    const { asked } = await open()
    give('Their card', 'erin', 'Add')
    expect(screen.getByText(/Nothing was added/)).toBeTruthy()
    expect(screen.getByRole('textbox', { name: 'Their card' })).toMatchObject({ value: 'erin' })
    expect(asked('contact.add')).toEqual([])
    give('Their card', `alice:${people.alice.key}`, 'Add')
    expect(await screen.findByText('This is your own card. Give it to the other person.')).toBeTruthy()
  })

  it('goes to the chat of somebody who is there already', async () => {
    const { store } = await open()
    give('Their card', `bob:${people.bob.key}`, 'Add')
    await waitFor(() => expect(store.getState().openChat).toBe('cloud:bob'))
  })

  it('makes one more test user and adds them', async () => {
    const { asked, store } = await open()
    give('Handle', 'Frank', 'Make and add')
    await waitFor(() => expect(store.getState().openChat).toBe('cloud:frank'))
    expect(asked('users.add')).toEqual([{ handle: 'frank' }])
  })

  it('says where a handle is taken', async () => {
    await open()
    give('Handle', 'bob', 'Make and add')
    expect(await screen.findByText('This handle is taken. Choose another.')).toBeTruthy()
  })
})

describe('a user of this computer without a window', () => {
  it('gets one, or an address to open where the shell has no windows', async () => {
    const { fake } = await mountView(<NoWindow handle="carol" />)
    act(() => fake.emit('users.changed', [{ handle: 'carol', card: null, hasWindow: false }]))
    expect(await screen.findByText('Carol has no window yet.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Open one' }))
    const link = await screen.findByRole('link')
    expect(link).toMatchObject({ target: '_blank', href: 'http://127.0.0.1:4000/#window-of-carol' })
  })
})

describe('a clicked link', () => {
  const url = 'https://pages.throughline.test/bob/x'

  it('that would lead elsewhere is not opened, says why when asked, and opens by another route', async () => {
    const { asked } = await mountView(<LinkSheet url={url} />, {
      link: (address, bypass) =>
        bypass
          ? { outcome: 'reader', url: address, title: 'Ridge', text: 'Soup at the hut.', author: 'bob', by: 'other-lookup' }
          : { outcome: 'stopped', url: address, reason: 'false-address', canBypass: true },
    })
    expect(await screen.findByRole('dialog', { name: 'This link would have taken you elsewhere' })).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Why?' }))
    expect(screen.getByText(/Nothing was loaded from the false address/)).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Open by another route' }))
    expect(await screen.findByText('Soup at the hut.')).toBeTruthy()
    expect(asked('link.open')).toEqual([
      { url, bypass: false },
      { url, bypass: true },
    ])
  })

  it('to somewhere else is asked about before it leaves the app', async () => {
    const { asked } = await mountView(<LinkSheet url="https://example.org/x" />)
    expect(await screen.findByRole('dialog', { name: 'Open example.org outside this app?' })).toBeTruthy()
    expect(asked('host.openExternal')).toEqual([])
    fireEvent.click(screen.getByRole('button', { name: 'Open in the browser' }))
    await waitFor(() => expect(asked('host.openExternal')).toEqual([{ url: 'https://example.org/x' }]))
  })

  it('without encryption is not opened from here', async () => {
    await mountView(<LinkSheet url="http://example.org/x" />)
    expect(await screen.findByText(/not encrypted/)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Open in the browser' })).toBeNull()
  })
})

describe('search', () => {
  it('finds words and people, counts them, and goes to the place by keyboard', async () => {
    const { store, dispatch } = await mountView(<Sheets />)
    await waitFor(() => expect(store.getState().chats).not.toBeNull())
    act(() => dispatch({ type: 'sheet.opened', sheet: 'search' }))
    const box = screen.getByRole('combobox', { name: 'Words or a name' })
    fireEvent.change(box, { target: { value: 'stove' } })
    expect(await screen.findByText('1 found.')).toBeTruthy()
    fireEvent.keyDown(box, { key: 'Enter' })
    await waitFor(() => expect(store.getState().openChat).toBe('cloud:bob'))
    const { jumpTo, windows } = store.getState()
    expect(windows['cloud:bob']?.messages.find(({ id }) => id === jumpTo)?.body).toMatchObject({ text: 'I will bring the stove' })
  })

  it('says that nothing was found', async () => {
    const { dispatch } = await mountView(<Sheets />)
    act(() => dispatch({ type: 'sheet.opened', sheet: 'search' }))
    fireEvent.change(screen.getByRole('combobox'), { target: { value: 'zzzz' } })
    expect(await screen.findByText('Nothing found.')).toBeTruthy()
  })
})
