// @vitest-environment happy-dom
/** The log of a network as a person reads it. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { PathView } from '../../../renderer/src/features/path/view.tsx'
import type { HistoryLine } from '../../../shared/contract/history.ts'
import { mountView } from '../../support/mount-view.tsx'
import { francePath, quietPath } from '../../support/path-fixtures.ts'

const at = (hours: number, minutes: number) => new Date(2026, 4, 13, hours, minutes).getTime()
const lie: HistoryLine = {
  plane: 'links',
  kind: 'interference',
  mechanisms: ['dns_lie'],
  word: 'confirmed',
  place: 'resolver',
  from: at(9, 12),
  until: at(13, 40),
  end: 'over',
}
const history = (...lines: HistoryLine[]) => ({ network: 'simulated' as const, lines })
const section = async (name = 'What happened on this network') => within(await screen.findByRole('region', { name }))

describe('What happened on this network', () => {
  it('says what it was, when it began and ended, how long it lasted, how sure, and that it was simulated', async () => {
    await mountView(<PathView />, { path: quietPath, history: history(lie) })
    const entry = (await section()).getByRole('listitem')
    expect(entry.textContent).toMatch(
      /^Public linksFalse answers of the name lookup\.Began 09:12.*, ended .*:40.*, after 4 hr 28 min\.Confirmed.*Simulated$/,
    )
  })

  it('makes one entry of what befell several planes together, and two of what did not', async () => {
    const offline: HistoryLine = { ...lie, kind: 'offline', mechanisms: [], place: 'device' }
    const lines = [
      offline,
      { ...offline, plane: 'chat' as const, from: at(9, 12) + 3000 },
      { ...offline, plane: 'web' as const, from: at(11, 0) },
    ]
    await mountView(<PathView />, { path: quietPath, history: history(...lines) })
    const entries = (await section()).getAllByRole('listitem')
    expect(entries.map((entry) => entry.querySelector('b')?.textContent)).toEqual(['Website and updates', 'Public links, Messages'])
  })

  it('counts on what goes on, and says of what nobody saw end when it was seen last', async () => {
    const unclear: HistoryLine = { ...lie, from: at(7, 0), until: at(7, 30), end: 'unclear' }
    const open: HistoryLine = { ...lie, from: Date.now() - 65_000, until: Date.now() - 1000, end: 'open' }
    await mountView(<PathView />, { path: francePath, history: history(open, { ...lie, end: 'unseen' }, unclear) })
    const entries = (await section()).getAllByRole('listitem')
    expect(entries[0]?.textContent).toMatch(/has lasted 1 min \d+ s so far/)
    expect(entries[1]?.textContent).toMatch(/last seen .*:40.*, after 4 hr 28 min\. Then nobody looked\./)
    expect(entries[2]?.textContent).toMatch(/last seen .*:30.*, after 30 min\. Then nothing could be told\./)
  })

  it('is empty with a sentence, and can be forgotten even where no route is remembered', async () => {
    const { fake, asked } = await mountView(<PathView />, { path: { ...quietPath, remembered: [] }, history: history() })
    expect((await section()).getByText('No trouble was seen here so far.')).toBeTruthy()
    const forget = screen.getByRole<HTMLButtonElement>('button', { name: 'Forget this network' })
    expect(forget.disabled).toBe(true)
    fake.emit('history.changed', history(lie))
    await waitFor(() => expect(forget.disabled).toBe(false))
    fireEvent.click(forget)
    await waitFor(() => expect(asked('path.forget')).toEqual([{ scope: 'here' }]))
  })

  it('speaks Persian', async () => {
    await mountView(<PathView />, { path: quietPath, history: history(lie) }, 'fa')
    expect((await section('آنچه در این شبکه رخ داد')).getByText('پاسخ‌های نادرست جست‌وجوی نام.')).toBeTruthy()
  })
})
