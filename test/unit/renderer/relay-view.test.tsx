// @vitest-environment happy-dom
/** What the relay holds: in sentences first, then all of it; honest when it cannot be asked. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { summaryOf } from '../../../renderer/src/features/relay/summary.ts'
import { RelayView } from '../../../renderer/src/features/relay/view.tsx'
import type { Holdings } from '../../../shared/contract/chat.ts'
import { holdings } from '../../support/lab-fixtures.ts'
import { mountView } from '../../support/mount-view.tsx'

const onlyAccount: Holdings = {
  ...holdings,
  tables: holdings.tables.map((table) => (table.table === 'message' ? { ...table, count: 0, sample: [] } : table)),
}

describe('What the relay holds', () => {
  it('says first, in plain words, that the relay can read messages, how many and with whom', async () => {
    await mountView(<RelayView />, { holdings })
    const summary = within(await screen.findByRole('region', { name: 'In short' }))
    expect(summary.getByText('It can read 6 messages of your cloud chats. The newest are with Bob.')).toBeTruthy()
    expect(summary.getByText('It knows 1 device of yours, by a random name.')).toBeTruthy()
    expect(summary.getByText(/It does not store it\.$/)).toBeTruthy()
  })

  it('shows every table of the live schema with its rows as the relay has them', async () => {
    await mountView(<RelayView />, { holdings })
    const tables = within(await screen.findByRole('region', { name: 'Table by table' }))
    for (const { table } of holdings.tables) expect(tables.getAllByText(table).length).toBeGreaterThan(0)
    expect(tables.getByText('{"kind":"text","text":"I will bring the stove"}')).toBeTruthy()
    expect(tables.getAllByText('No row about you')).toHaveLength(2)
  })

  it('shows a table and a sight it has no words for, under the relay’s own name', async () => {
    const newer: Holdings = {
      ...holdings,
      tables: [
        ...holdings.tables,
        { table: 'horoscope', columns: [{ name: 'sign', type: 'TEXT', meaning: '' }], count: 1, sample: [{ sign: 'owl' }] },
      ],
      seenNotStored: ['moon-phase'],
    }
    await mountView(<RelayView />, { holdings: newer })
    expect(await screen.findByText('horoscope')).toBeTruthy()
    expect(screen.getByText('owl')).toBeTruthy()
    expect(screen.getByText('moon-phase')).toBeTruthy()
  })

  it('says that it holds only handle and keys when that is all', async () => {
    await mountView(<RelayView />, { holdings: onlyAccount })
    expect(await screen.findByText('It holds only your handle and public keys.')).toBeTruthy()
    expect(summaryOf(onlyAccount, 'alice')).toMatchObject({ messages: 0, people: [], onlyAccount: true })
  })

  it('does not pretend to know while not connected, and asks again when told to', async () => {
    const { asked } = await mountView(<RelayView />, { holdings: 'not-connected' })
    expect(await screen.findByText('The relay can only be asked while you are connected.')).toBeTruthy()
    const before = asked('relay.holdings').length
    fireEvent.click(screen.getByRole('button', { name: 'Read again' }))
    await waitFor(() => expect(asked('relay.holdings').length).toBe(before + 1))
  })
})
