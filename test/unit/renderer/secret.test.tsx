// @vitest-environment happy-dom
/** Secret chats on the screens: the switch, the states, and what can be done in each. */
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { ChatsView } from '../../../renderer/src/app/chats-view.tsx'
import type { SecretState } from '../../../shared/contract/secret.ts'
import { people } from '../../support/chats.ts'
import { digits, justStarted, secretChat, symbols } from '../../support/fake-secret.ts'
import { mountView, openMenu } from '../../support/mount-view.tsx'

const SECRET = 'secret:bob'

async function open(secret: Partial<SecretState> | null, chatId = secret ? SECRET : 'cloud:bob') {
  const shown = await mountView(<ChatsView />, secret ? { fresh: true, chats: [secretChat(people.bob, secret)] } : { fresh: true })
  await waitFor(() => expect(shown.store.getState().chats).not.toBeNull())
  act(() => shown.dispatch({ type: 'chat.opened', chatId }))
  return shown
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }))
const change = (shown: Awaited<ReturnType<typeof open>>, secret: Partial<SecretState>) =>
  act(() => shown.fake.emit('chat.changed', secretChat(people.bob, secret)))
const state = () => screen.getByRole('region', { name: 'State of this secret chat' })
const box = () => screen.queryByRole('textbox', { name: 'Message to bob' }) as HTMLTextAreaElement | null

describe('the switch beside the name', () => {
  it('asks the first time, in words that promise no more than is true, and starts on Start', async () => {
    const { asked, store } = await open(null)
    press('Secret')
    const sheet = within(screen.getByRole('dialog', { name: 'Start a secret chat with Bob?' }))
    expect(sheet.getByText(/Only this profile and one device of Bob's can read it\. It cannot be moved or restored\./)).toBeTruthy()
    expect(sheet.getByText('The relay still sees that you two write, when, and roughly how much.')).toBeTruthy()
    expect(asked('secret.start')).toEqual([])
    fireEvent.click(sheet.getByRole('button', { name: 'Start' }))
    await waitFor(() => expect(store.getState().openChat).toBe(SECRET))
    expect(asked('secret.start')).toEqual([{ handle: 'bob' }])
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(document.querySelectorAll('[data-chat$=":bob"]')).toHaveLength(2)
  })

  it('starts nothing when the sheet is closed', async () => {
    const { asked } = await open(null)
    press('Secret')
    press('Cancel')
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(asked('secret.start')).toEqual([])
  })

  it('goes between the two threads without asking again', async () => {
    const { store } = await open({})
    expect(screen.getByRole('button', { name: 'Secret' }).getAttribute('aria-current')).toBe('true')
    press('Cloud')
    expect(store.getState().openChat).toBe('cloud:bob')
    press('Secret')
    expect(store.getState().openChat).toBe(SECRET)
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('opens the thread where the other side was quicker to start', async () => {
    const shown = await open(null)
    press('Secret')
    await shown.fake.backend.call('secret.start', { handle: 'bob' })
    press('Start')
    await waitFor(() => expect(shown.store.getState().openChat).toBe(SECRET))
    expect(shown.store.getState().failure).toBeNull()
  })
})

describe('a secret thread', () => {
  it('is told from a cloud one by the word and the hatch, in the list and in the thread', async () => {
    await open({})
    const row = document.querySelector(`[data-chat="${SECRET}"]`) as HTMLElement
    expect(within(row).getByText('Secret')).toBeTruthy()
    expect(row.querySelector('[data-hatch] path')).toBeTruthy()
    expect(document.querySelector('[data-chat="cloud:bob"] [data-hatch]')).toBeNull()
    expect(screen.getByText(/Secret: only your two devices can read it/)).toBeTruthy()
    const composer = screen.getByRole('region', { name: 'Write a message' })
    expect(composer.parentElement?.querySelector('[data-hatch]')).toBeTruthy()
  })

  it('says at its beginning that it lives only here', async () => {
    await open({})
    expect(await screen.findByText(/This chat lives only in this profile and on one device of Bob's/)).toBeTruthy()
  })

  it('that waits says for whom and where, and lets one write what will wait', async () => {
    const { asked } = await open(justStarted)
    expect(state().textContent).toContain(
      'Waiting for Bob to accept on one of their devices. Here: the other window. Until then each device',
    )
    expect(screen.getByText('Bob sees what you write once it is accepted.')).toBeTruthy()
    fireEvent.change(box() as HTMLTextAreaElement, { target: { value: 'Soon' } })
    press('Send')
    await waitFor(() => expect(asked('message.send')).toMatchObject([{ chatId: SECRET, text: 'Soon' }]))
  })

  it('that is asked for shows the request and nothing else, and opens on Accept here', async () => {
    const { asked } = await open({ state: 'asked' })
    expect(screen.getByText('Bob asks for a secret chat.')).toBeTruthy()
    expect(screen.getByText('It will live only in this profile.')).toBeTruthy()
    expect(box()).toBeNull()
    expect(screen.queryByRole('list', { name: 'Messages' })).toBeNull()
    expect(asked('message.list')).toEqual([])
    press('Accept here')
    await waitFor(() => expect(box()).not.toBeNull())
    expect(asked('secret.accept')).toEqual([{ chatId: SECRET }])
  })

  it('that was declined can be asked for anew', async () => {
    const { asked } = await open({ state: 'asked' })
    press('Decline')
    await waitFor(() => expect(asked('secret.decline')).toEqual([{ chatId: SECRET }]))
    expect(await screen.findByText('This secret chat was declined. Nothing can be sent in it.')).toBeTruthy()
    expect(box()?.disabled).toBe(true)
    press('Start a new one')
    await waitFor(() => expect(state().textContent).toContain('Waiting for Bob'))
  })

  it('whose keys changed sends nothing until they were accepted, and says why', async () => {
    const { asked } = await open({ state: 'changed' })
    expect(state().textContent).toContain("Bob's keys changed. A new computer or reinstall does this; so does someone in between.")
    expect(box()?.disabled).toBe(true)
    expect(screen.getByText("Compare or accept Bob's new keys to write on.")).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Send' })).toHaveProperty('disabled', true)
    press('Accept without comparing')
    await waitFor(() => expect(asked('secret.acceptKeys')).toEqual([{ chatId: SECRET }]))
    await waitFor(() => expect(box()?.disabled).toBe(false))
    expect(state().textContent).toContain('Not yet compared.')
  })

  it.each([
    ['by-me', 'You ended this secret chat.'],
    ['by-peer', 'Bob ended this secret chat.'],
    ['elsewhere', 'It lives only there.'],
    ['device-gone', "The device of Bob's that held this chat is gone."],
  ] as const)('that ended %s says so', async (ended, words) => {
    await open({ state: 'ended', ended })
    expect(state().textContent).toContain(words)
    expect(box()?.disabled).toBe(true)
  })

  it('keeps what was begun to write when it ends meanwhile', async () => {
    const shown = await open({})
    fireEvent.change(box() as HTMLTextAreaElement, { target: { value: 'Not yet' } })
    change(shown, { state: 'ended', ended: 'by-peer' })
    await waitFor(() => expect(box()).toMatchObject({ disabled: true, value: 'Not yet' }))
  })

  it('is ended only after a question', async () => {
    const { asked } = await open({})
    openMenu('More about this chat')
    fireEvent.click(screen.getByRole('menuitem', { name: 'End this secret chat' }))
    const question = within(screen.getByRole('dialog', { name: 'End the secret chat with Bob?' }))
    expect(asked('secret.end')).toEqual([])
    fireEvent.click(question.getByRole('button', { name: 'End it' }))
    await waitFor(() => expect(asked('secret.end')).toEqual([{ chatId: SECRET }]))
    expect(await screen.findByText('This secret chat has ended. What was written stays until you remove it.')).toBeTruthy()
  })
})

describe('the preview in the list', () => {
  const preview = (secret: Partial<SecretState>, words: string) => {
    const last = { preview: words, isFile: false, mine: false, at: Date.now(), delivery: null }
    return mountView(<ChatsView />, { fresh: true, chats: [secretChat(people.bob, secret, { last })] })
  }
  const row = () => document.querySelector(`[data-chat="${SECRET}"]`)?.textContent ?? ''

  it('never repeats a message that has a timer', async () => {
    await preview({}, '')
    await waitFor(() => expect(row()).toContain('Secret message'))
  })

  it('shows no words while a timer is on', async () => {
    await preview({ ttl: 5000 }, 'The key is under the pot')
    await waitFor(() => expect(row()).toContain('Secret message'))
    expect(row()).not.toContain('pot')
  })

  it('shows of a request only that it is one', async () => {
    await preview({ state: 'asked' }, 'The key is under the pot')
    await waitFor(() => expect(row()).toContain('Asks for a secret chat'))
    expect(row()).not.toContain('pot')
  })
})

describe('comparing keys', () => {
  it('shows sixty digits in twelve groups, left to right in every language', async () => {
    await open({})
    press('Compare')
    const groups = await screen.findByRole('list', { name: 'Safety number, 12 groups of 5 digits' })
    expect(
      within(groups)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual(digits)
    expect(groups.getAttribute('dir')).toBe('ltr')
  })

  it('is kept with its day once they are the same', async () => {
    const { asked } = await open({})
    press('Compare')
    fireEvent.click(await screen.findByRole('button', { name: 'The same' }))
    await waitFor(() => expect(asked('secret.compared')).toEqual([{ chatId: SECRET, same: true }]))
    await waitFor(() => expect(state().textContent).toMatch(/Encrypted end to end\. Compared on .*\d{4}\./))
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('warns in the thread when they are not the same', async () => {
    const { asked } = await open({})
    press('Compare')
    fireEvent.click(await screen.findByRole('button', { name: 'Not the same' }))
    await waitFor(() => expect(asked('secret.compared')).toEqual([{ chatId: SECRET, same: false }]))
    expect(await screen.findByText(/The keys were not the same: someone may sit in between\./)).toBeTruthy()
  })

  it('by emoji waits for the other side, then shows seven with their names', async () => {
    const shown = await open({})
    press('Compare')
    press('Compare emoji now')
    await waitFor(() => expect(shown.asked('secret.compare')).toEqual([{ chatId: SECRET }]))
    expect(await screen.findByText(/Waiting for Bob to agree/)).toBeTruthy()
    change(shown, { comparing: { phase: 'show', symbols } })
    const list = within(await screen.findByRole('list', { name: 'Seven emoji to compare' }))
    expect(list.getAllByRole('listitem')).toHaveLength(7)
    expect(list.getByText('Bee')).toBeTruthy()
    press('They differ')
    await waitFor(() => expect(shown.asked('secret.compared')).toEqual([{ chatId: SECRET, same: false }]))
  })

  it('is offered when the other side asks for it, and agreed to', async () => {
    const { asked } = await open({ comparing: { phase: 'asked' } })
    expect(state().textContent).toContain('Bob wants to compare emoji with you now.')
    press('Compare')
    press('Show the emoji')
    await waitFor(() => expect(asked('secret.compare')).toHaveLength(1))
    fireEvent.click(await screen.findByRole('button', { name: 'They match' }))
    await waitFor(() => expect(asked('secret.compared')).toEqual([{ chatId: SECRET, same: true }]))
  })
})

describe('a request while something else is open', () => {
  it('is one polite line that leads there, can be put away, and comes back when it is asked again', async () => {
    const { Notices } = await import('../../../renderer/src/app/notices.tsx')
    const shown = await mountView(<Notices />, { fresh: true, chats: [secretChat(people.bob, { state: 'asked' })] })
    await waitFor(() => expect(screen.getByText('Bob asks for a secret chat.')).toBeTruthy())
    expect(screen.getByText('Bob asks for a secret chat.').closest('[role="status"]')).toBeTruthy()
    press('Dismiss')
    expect(screen.queryByText('Bob asks for a secret chat.')).toBeNull()
    change(shown, { state: 'ended', ended: 'declined' })
    await waitFor(() => expect(shown.store.getState().chats?.[SECRET]?.secret?.state).toBe('ended'))
    change(shown, { state: 'asked' })
    await waitFor(() => expect(screen.getByText('Bob asks for a secret chat.')).toBeTruthy())
    press('Show')
    expect(shown.store.getState().openChat).toBe(SECRET)
    expect(screen.queryByText('Bob asks for a secret chat.')).toBeNull()
  })
})
