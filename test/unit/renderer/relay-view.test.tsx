// @vitest-environment happy-dom
/** What the relay holds: in sentences first, then all of it; honest when it cannot be asked. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { DisclosureCard } from '../../../renderer/src/features/lab/disclosure-card.tsx'
import { summaryOf } from '../../../renderer/src/features/relay/summary.ts'
import { RelayView } from '../../../renderer/src/features/relay/view.tsx'
import type { Holdings } from '../../../shared/contract/chat.ts'
import { holdings } from '../../support/lab-fixtures.ts'
import { mountView } from '../../support/mount-view.tsx'

const onlyAccount: Holdings = {
  ...holdings,
  tables: holdings.tables.map((table) => (table.table === 'message' ? { ...table, count: 0, sample: [] } : table)),
  sides: { files: { open: 0, sealed: 0 }, packets: { toMe: 0, fromMe: 0, bytes: 0 }, publicKeys: 1, people: [], morePeople: 0 },
}
const withPackets: Holdings = {
  ...holdings,
  tables: [...holdings.tables, { table: 'packet', class: 'sealed', columns: [], count: 2, sample: [] }],
}

describe('What the relay holds', () => {
  it('says first, in plain words, that the relay can read messages, how many and with whom', async () => {
    await mountView(<RelayView />, { holdings })
    const summary = within(await screen.findByRole('region', { name: 'In short' }))
    expect(summary.getByText('It can read 6 messages of your cloud chats. The newest are with Bob.')).toBeTruthy()
    expect(summary.getByText('It knows 1 device of yours, by a random name.')).toBeTruthy()
    expect(summary.getByText(/It does not store it\.$/)).toBeTruthy()
  })

  it('says of sealed packets how many wait, that they cannot be opened, and what is known of them all the same', async () => {
    const { unmount } = await mountView(<RelayView />, { holdings: withPackets })
    const summary = within(await screen.findByRole('region', { name: 'In short' }))
    expect(
      summary.getByText(/^2 sealed packets of secret chats wait there\. It cannot open them; while they wait, it knows who/),
    ).toBeTruthy()
    expect(summary.getByText('It holds 75 public keys of yours. They open nothing.')).toBeTruthy()
    expect(summary.getByText('It keeps 1 sealed file of yours, for 30 days at most. It cannot open it.')).toBeTruthy()
    unmount()
    await mountView(<RelayView />, { holdings })
    expect(await screen.findByText(/^No sealed packet waits\./)).toBeTruthy()
  })

  it('puts beside each other what a request would get of cloud and of secret chats, for each person', async () => {
    await mountView(<RelayView />, { holdings })
    const section = within(await screen.findByRole('region', { name: 'Cloud and secret, side by side' }))
    expect(section.getByText('6 messages, every word of them.')).toBeTruthy()
    expect(section.getByText('2 packets, 1 kB in all.')).toBeTruthy()
    expect(section.getByText('I will bring the stove')).toBeTruthy()
    expect(section.getByText('File: route.gpx')).toBeTruthy()
    expect(section.getByText('01 02 0a 1b 2c 3d 4e 5f …')).toBeTruthy()
    expect(section.getByText('Nothing waits. If you wrote in secret, it is not there any more.')).toBeTruthy()
  })

  it('answers a legal request in three columns, the last computed; it owns up to a column for addresses', async () => {
    const { unmount } = await mountView(<RelayView />, { holdings })
    const section = within(await screen.findByRole('region', { name: 'What a valid legal request gets' }))
    expect(section.getAllByText('Phone number and IP address')).toHaveLength(2)
    expect(section.getByText('No phone number, no IP address')).toBeTruthy()
    expect(section.getByText('Of 70 columns in its database none is for either.')).toBeTruthy()
    expect(section.getByText('6 cloud messages, readable')).toBeTruthy()
    unmount()
    await mountView(<RelayView />, { holdings: { ...holdings, columns: { searched: 71, likeAddress: ['visit.ip'] } } })
    expect(await screen.findByText('These columns look like it: visit.ip.')).toBeTruthy()
    expect(screen.queryByText('No phone number, no IP address')).toBeNull()
  })

  it('gives every table its class, and says of one that nobody explained that it is not', async () => {
    await mountView(<RelayView />, { holdings: withPackets })
    const tables = within(await screen.findByRole('region', { name: 'Table by table' }))
    const classOf = (table: string) =>
      within(tables.getByText(table, { selector: 'h3 bdi' }).closest('li') ?? document.body).getAllByRole('button')[0]?.textContent
    expect(['message', 'packet', 'device', 'page'].map(classOf)).toEqual(['Content', 'Sealed', 'Metadata', 'Not explained'])
  })

  it('is opened by the story in which nothing is blocked', async () => {
    const { store } = await mountView(
      <ul>
        <DisclosureCard />
      </ul>,
    )
    fireEvent.click(screen.getByRole('button', { name: 'See what this relay could hand over' }))
    expect(store.getState().view).toBe('relay')
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
