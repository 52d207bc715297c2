// @vitest-environment happy-dom
/** The tour: three steps, each over when the person has done it. */
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { Tour } from '../../../renderer/src/features/tour/tour.tsx'
import { emptyChat, people } from '../../support/chats.ts'
import type { FakeOptions } from '../../support/fake-backend.ts'
import { justStarted, secretChat } from '../../support/fake-secret.ts'
import { labAtRest, labInMoscow } from '../../support/lab-states.ts'
import { mountView } from '../../support/mount-view.tsx'
import { cutAndSwitched, detour, fine } from '../../support/path-states.ts'

HTMLElement.prototype.checkVisibility ??= () => true

const tour = async (step: number, options: FakeOptions = {}) => {
  const shown = await mountView(<Tour />, { fresh: true, settings: { tourStep: step }, ...options })
  await waitFor(() => expect(shown.store.getState().self).not.toBeNull())
  return shown
}

/** What was told has reached the window, and what it asked has reached the engine. */
const heard = () => new Promise<void>((resolve) => setTimeout(resolve, 20))

describe('the tour', () => {
  it('is only in the first window of a rehearsal, and only until it is over', async () => {
    await tour(0, { user: 'bob' })
    expect(screen.queryByRole('complementary')).toBeNull()
  })

  it('is not where the network is real', async () => {
    await tour(0, { lab: null })
    expect(screen.queryByRole('complementary')).toBeNull()
  })

  it('begins with hello, and goes on once something was said', async () => {
    const { store, fake, asked } = await tour(0)
    expect(await screen.findByText('This is a rehearsal.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Say hello to Bob' }))
    expect(store.getState().openChat).toBe('cloud:bob')
    const last = { preview: 'Hello', isFile: false, mine: true, at: 1, delivery: { state: 'sent' } } as const
    act(() => fake.emit('chat.changed', { ...emptyChat(people.bob), last: { ...last, delivery: { state: 'sent' } } }))
    await waitFor(() => expect(asked('settings.set')).toEqual([{ tourStep: 1 }]))
    expect(await screen.findByText('The relay can read this chat.')).toBeTruthy()
  })

  it('begins with hello also when it is taken again, and goes on once the person said hello again', async () => {
    const last = (at: number) => ({ preview: 'Hello', isFile: false, mine: true, at, delivery: { state: 'read' as const } })
    const { fake, asked } = await tour(9)
    act(() => fake.emit('chat.changed', { ...emptyChat(people.bob), last: last(1) }))
    void fake.backend.call('settings.set', { tourStep: 0 })
    expect(await screen.findByText('This is a rehearsal.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Say hello to Bob' }))
    expect(screen.getByText('Write to Bob below and send it.')).toBeTruthy()
    act(() => fake.emit('chat.changed', { ...emptyChat(people.bob), last: { ...last(2), mine: false, delivery: null } }))
    expect(asked('settings.set')).toEqual([{ tourStep: 0 }])
    act(() => fake.emit('chat.changed', { ...emptyChat(people.bob), last: last(3) }))
    await waitFor(() => expect(asked('settings.set')).toEqual([{ tourStep: 0 }, { tourStep: 1 }]))
  })

  it('leads to the switch, waits for Bob, and goes on once the two chats were compared under Relay', async () => {
    const { asked, store, fake } = await tour(1)
    fireEvent.click(await screen.findByRole('button', { name: 'Show me the switch' }))
    expect(store.getState()).toMatchObject({ view: 'chats', openChat: 'cloud:bob' })
    act(() => fake.emit('chat.changed', secretChat(people.bob, justStarted)))
    expect(await screen.findByText("Now accept in Bob's window.")).toBeTruthy()
    act(() => fake.emit('chat.changed', secretChat(people.bob)))
    expect(await screen.findByText('Only your two windows can read it now.')).toBeTruthy()
    expect(asked('settings.set')).toEqual([])
    fireEvent.click(screen.getByRole('button', { name: 'Show what the relay holds' }))
    expect(store.getState().view).toBe('relay')
    await waitFor(() => expect(asked('settings.set')).toEqual([{ tourStep: 2 }]))
  })

  it('does not go on where only the cloud chat was looked at', async () => {
    const { asked, dispatch } = await tour(1)
    await screen.findByText('The relay can read this chat.')
    act(() => dispatch({ type: 'view.opened', view: 'relay' }))
    expect(screen.getByRole('button', { name: 'Show me the switch' })).toBeTruthy()
    expect(asked('settings.set')).toEqual([])
  })

  it('breaks the network for Alice, and ends with the figures of this very run', async () => {
    const { fake, asked, store } = await tour(2, { path: fine, lab: labAtRest })
    fireEvent.click(await screen.findByRole('button', { name: 'Start' }))
    await waitFor(() => expect(asked('lab.play')).toEqual([{ scenario: 'russia-2018-day-one', client: 'alice' }]))
    expect(store.getState()).toMatchObject({ view: 'chats', openChat: 'cloud:bob' })
    act(() => fake.emit('lab.changed', labInMoscow))
    expect(await screen.findByText('Keep writing.')).toBeTruthy()
    // A detour that was in use before the story is not the one it brings.
    act(() => fake.emit('path.changed', detour))
    await heard()
    expect(asked('settings.set')).toEqual([])
    expect(screen.getByText('Keep writing.')).toBeTruthy()
    // Neither is one that somebody takes in the new place while nothing is blocked there.
    act(() => fake.emit('lab.changed', { ...labInMoscow, moves: labInMoscow.moves.filter(({ side }) => side !== 'censor') }))
    act(() => fake.emit('path.changed', cutAndSwitched))
    await heard()
    expect(asked('settings.set')).toEqual([])
    expect(screen.getByText('Keep writing.')).toBeTruthy()
    act(() => fake.emit('lab.changed', labInMoscow))
    expect(await screen.findByText('0 lost.')).toBeTruthy()
    expect(screen.getByText('Detour found in 0.9 s.')).toBeTruthy()
    expect(screen.getByText('A plain client beside you: still waiting.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Done' }))
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull())
  })

  it('can be skipped at any step', async () => {
    const { asked } = await tour(1)
    fireEvent.click(await screen.findByRole('button', { name: 'Skip the tour' }))
    await waitFor(() => expect(asked('settings.set')).toEqual([{ tourStep: 9 }]))
    expect(screen.queryByRole('complementary')).toBeNull()
  })
})
