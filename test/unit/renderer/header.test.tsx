// @vitest-environment happy-dom
/** The header as it is read, and as it is heard. */
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Header } from '../../../renderer/src/features/header/header.tsx'
import { mountView } from '../../support/mount-view.tsx'
import { detour, fine, linksOnly, NOW, returning } from '../../support/path-states.ts'

beforeEach(() => {
  vi.spyOn(Date, 'now').mockReturnValue(NOW)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const said = () => screen.getByRole('status').textContent

describe('Header', () => {
  it('says how we are connected, the trouble, and how sure that is, with a line of help', async () => {
    await mountView(<Header />, { path: detour })
    expect(screen.getByText(/Connected by a detour, through a bridge\./)).toBeTruthy()
    expect(screen.getByText(/This network drops everything sent to the relay's address\./)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Likely' })).toBeTruthy()
    expect(screen.getByText('Likely: seen repeatedly, and a comparison worked.')).toBeTruthy()
  })

  it('counts down to the plain path and moves now when asked', async () => {
    const { asked } = await mountView(<Header />, { path: returning })
    expect(screen.getByText(/held for 5 min \(3 min left\)/)).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Move now' }))
    await waitFor(() => expect(asked('path.return')).toHaveLength(1))
    expect(await screen.findByText('Connected.')).toBeTruthy()
  })

  it('opens the path by its line', async () => {
    const { store } = await mountView(<Header />)
    fireEvent.click(screen.getByRole('button', { name: 'Show the path' }))
    expect(store.getState().view).toBe('path')
  })

  it('speaks once settled, and not again within five seconds', async () => {
    const { store, dispatch } = await mountView(<Header />, { path: fine })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const becomes = (path: typeof fine) => act(() => dispatch({ type: 'path.changed', payload: path }))
    const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms))
    expect(store.getState().path).toEqual(fine)
    becomes(detour)
    wait(600)
    becomes(linksOnly)
    wait(600)
    expect(said()).not.toContain('detour')
    wait(100)
    expect(said()).toContain('Messages work.')
    becomes(detour)
    wait(4_000)
    expect(said()).toContain('Messages work.')
    wait(1_100)
    expect(said()).toContain('Connected by a detour')
  })
})
