// @vitest-environment happy-dom
/** The Path view as a person uses it: reads why, checks again, moves back, adds a bridge. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { PathView } from '../../../renderer/src/features/path/view.tsx'
import type { Why } from '../../../shared/contract/why.ts'
import { mountView } from '../../support/mount-view.tsx'
import { francePath, lookingPath, NOW, neverTriedPath, quietPath, russiaPath } from '../../support/path-fixtures.ts'

const section = (name: string) => within(screen.getByRole('region', { name }))
const row = (plane: string) => within(screen.getByRole('heading', { name: plane }).closest('li') ?? document.body)

describe('Path', () => {
  it('says that nothing is in the way when nothing is', async () => {
    await mountView(<PathView />, { path: quietPath })
    expect(screen.getByText('Nothing in the way. This is the plain path.')).toBeTruthy()
    expect(screen.queryByText('Suspected')).toBeNull()
  })

  it('reads the line aloud stop by stop', async () => {
    await mountView(<PathView />, { path: russiaPath })
    const line = screen.getByRole('list', { name: 'The way, stop by stop' })
    expect(
      within(line)
        .getAllByRole('listitem')
        .map((item) => item.textContent),
    ).toEqual([
      'You: this computer is on the network.',
      'Your network: reached.',
      'Name lookup: answers truly.',
      'Way out: cut here, likely.',
      'Detour through a bridge.',
      'Relay: proved itself.',
    ])
  })

  it('gives each plane its own finding, with how sure, what was done and what it exposed', async () => {
    await mountView(<PathView />, { path: francePath })
    expect(row('Messages').getByText('Messages go straight to the relay, and it proved who it is.')).toBeTruthy()
    const links = row('Public links')
    expect(links.getByText(/This network's name lookup answers falsely\./)).toBeTruthy()
    expect(links.getByRole('button', { name: 'Confirmed' })).toBeTruthy()
    expect(links.getByText(/Asked another name lookup/)).toBeTruthy()
    expect(links.getByText("This network's name lookup saw which name we asked for.")).toBeTruthy()
  })

  it('answers "why" with what was seen, what it was compared with, and the raw facts behind', async () => {
    await mountView(<PathView />, { path: francePath })
    const links = row('Public links')
    fireEvent.click(links.getByText('Why do you think so?'))
    expect(links.getByText(/the site could not prove who it is/)).toBeTruthy()
    expect(links.getByText('At another address the site did prove who it is.')).toBeTruthy()
    fireEvent.click(links.getByText('Raw facts'))
    const address = links.getByText('240.0.66.66')
    expect(address.tagName).toBe('BDI')
    expect(address.getAttribute('dir')).toBe('ltr')
  })

  it('names the rule that decided, and says what would change the finding', async () => {
    const why: Why = {
      rule: 'D5',
      changes: [{ what: 'lookup-true', about: 'pages.throughline.test', kind: 'ok', mechanisms: [], word: 'none', place: null }],
    }
    await mountView(<PathView />, { path: francePath, why })
    const links = row('Public links')
    fireEvent.click(links.getByText('Why do you think so?'))
    expect(await links.findByText('Rule D5 decided.')).toBeTruthy()
    expect(links.getByText('The given address cannot prove itself, and another one does.')).toBeTruthy()
    expect(links.getByText(/If this network's name lookup gave the true address for:/).textContent).toContain('pages.throughline.test')
    expect(links.getByText('Public links open from the true site.', { exact: false })).toBeTruthy()
  })

  it('follows a check measurement by measurement, and leaves it off when told to', async () => {
    const { fake, asked } = await mountView(<PathView />, { path: francePath })
    fireEvent.click(screen.getByRole('button', { name: 'Check again' }))
    fake.emit('probe.changed', { progress: { done: 2, of: 7, step: 'plane', plane: 'media' } })
    expect(await screen.findByText('Measurement 3 of 7. Photos and files: the name and the usual address.')).toBeTruthy()
    expect(screen.getByRole<HTMLProgressElement>('progressbar', { name: 'Checking…' }).value).toBe(2)
    fireEvent.click(screen.getByRole('button', { name: 'Stop checking' }))
    await waitFor(() => expect(asked('path.stopProbe')).toHaveLength(1))
    fake.emit('probe.changed', { progress: null })
    expect(await screen.findByRole('button', { name: 'Check again' })).toBeTruthy()
  })

  it('times the four steps of the attempt that won', async () => {
    await mountView(<PathView />, { path: quietPath })
    const steps = within(screen.getByRole('region', { name: 'The last connection, in four steps' })).getAllByRole('listitem')
    expect(steps.map((step) => step.textContent?.match(/\d+ ms/)?.[0])).toEqual(['21 ms', '82 ms', '163 ms', '76 ms'])
  })

  it('says of each attempt of the race how it ended, and marks the winner', async () => {
    await mountView(<PathView />, { path: russiaPath })
    const race = section('The last race')
    expect(race.getByText('Winner')).toBeTruthy()
    expect(race.getByText('The relay proved itself after 1.48 s.')).toBeTruthy()
    expect(race.getByText('No answer at all.')).toBeTruthy()
    expect(race.getByText('The connection was cut.')).toBeTruthy()
  })

  it('shows the race as it stood at the moment the person chooses', async () => {
    await mountView(<PathView />, { path: russiaPath })
    const race = section('The last race')
    fireEvent.change(race.getByRole('slider', { name: 'Moment of the race' }), { target: { value: '600' } })
    expect(race.queryByText('Winner')).toBeNull()
    expect(race.getByText('Starts after 750 ms.')).toBeTruthy()
    expect(race.getAllByText('Under way.')).toHaveLength(3)
  })

  it('checks again, and tries now while nothing connects', async () => {
    const { asked } = await mountView(<PathView />, { path: lookingPath })
    fireEvent.click(screen.getByRole('button', { name: 'Check again' }))
    fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
    await waitFor(() => expect([asked('path.probe').length, asked('path.retry').length]).toEqual([1, 1]))
  })

  it('counts down to the return and moves back at once when asked', async () => {
    const returning = { readyAt: Date.now() + 180_000, holdMs: 300_000 }
    const { asked } = await mountView(<PathView />, { path: { ...russiaPath, returning } })
    expect(screen.getByText('The plain path answers again. Moving back when it has held for 5 min (3 min left).')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Move now' }))
    await waitFor(() => expect(asked('path.return')).toHaveLength(1))
  })

  it('adds a bridge by its address', async () => {
    const { asked } = await mountView(<PathView />, { path: russiaPath })
    fireEvent.change(screen.getByLabelText('A link or address that somebody gave you'), { target: { value: ' socks5://240.0.41.9:1080 ' } })
    fireEvent.click(screen.getByRole('button', { name: 'Add' }))
    await screen.findByText('Added. It joins the next race.')
    expect(asked('proxy.add')).toEqual([{ url: 'socks5://240.0.41.9:1080' }])
  })

  it('says that an address was not understood and keeps what was typed', async () => {
    await mountView(<PathView />, { path: russiaPath })
    const field = screen.getByLabelText<HTMLInputElement>('A link or address that somebody gave you')
    // Longer than the contract allows, so the engine refuses it.
    const typed = `socks5://${'x'.repeat(600)}`
    fireEvent.change(field, { target: { value: typed } })
    fireEvent.click(screen.getByRole('button', { name: 'Add' }))
    expect(await screen.findByText('This is not such a link or address. Nothing was added.')).toBeTruthy()
    expect(field.value).toBe(typed)
    expect(field.getAttribute('aria-invalid')).toBe('true')
  })

  it('says that nothing was tried before the first attempt', async () => {
    await mountView(<PathView />, { path: neverTriedPath })
    expect(screen.getAllByText('No attempt yet.').length).toBeGreaterThan(0)
    expect(screen.getByText('No route is known yet.')).toBeTruthy()
  })

  it('speaks Persian from right to left, with routes left to right', async () => {
    await mountView(<PathView />, { path: { ...russiaPath, raceAt: NOW } }, 'fa')
    expect(document.documentElement.dir).toBe('rtl')
    expect(screen.getByRole('heading', { name: 'مسیر' })).toBeTruthy()
    for (const recipe of document.querySelectorAll('bdi')) {
      if (/^\w+:\/\/|^\d+\./.test(recipe.textContent ?? '')) expect(recipe.getAttribute('dir')).toBe('ltr')
    }
  })
})
