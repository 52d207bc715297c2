// @vitest-environment happy-dom
/** The Lab view as a person uses it: plays a story, plays the censor, moves people, reads what happened. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { LabView } from '../../../renderer/src/features/lab/view.tsx'
import { isolated } from '../../../renderer/src/i18n/isolated.ts'
import { atRest, inFrance, inRussia } from '../../support/lab-fixtures.ts'
import { mountView } from '../../support/mount-view.tsx'
import { russiaPath } from '../../support/path-fixtures.ts'

const section = (name: string) => within(screen.getByRole('region', { name }))

describe('Lab', () => {
  it('leaves a real network alone and says so', async () => {
    await mountView(<LabView />, { lab: null })
    expect(screen.getByText('This network is real; the Lab cannot touch it.')).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('invites to choose a story while all networks behave', async () => {
    await mountView(<LabView />, { lab: atRest })
    expect(screen.getByText('All networks behave. Choose a story, or play the censor.')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Undo all' })).toHaveProperty('disabled', true)
  })

  it('asks for whom a story shall be played, suggesting the person of this window, then plays it', async () => {
    const { asked } = await mountView(<LabView />, { lab: atRest, user: 'bob' })
    fireEvent.click(screen.getByRole('button', { name: 'Try this: Keep writing while it happens' }))
    const dialog = within(screen.getByRole('dialog', { name: 'Who shall be there?' }))
    expect(dialog.getByText(`${isolated('Moscow, provider A')}. The others stay where they are.`)).toBeTruthy()
    expect(dialog.getByRole('radio', { name: /Bob/ })).toHaveProperty('checked', true)
    fireEvent.click(dialog.getByRole('radio', { name: 'Alice' }))
    fireEvent.click(dialog.getByRole('button', { name: 'Start' }))
    await waitFor(() => expect(asked('lab.play')).toEqual([{ scenario: 'russia-2018-day-one', client: 'alice' }]))
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('marks each claim of a story as reported, measured or disputed, with its source', async () => {
    await mountView(<LabView />, { lab: atRest })
    for (const summary of screen.getAllByText('The whole story')) fireEvent.click(summary)
    for (const summary of await screen.findAllByText('What is known, and how')) fireEvent.click(summary)
    await screen.findAllByRole('button', { name: 'Measured' })
    expect(screen.getAllByRole('button', { name: 'Measured' }).length).toBeGreaterThan(0)
    expect(screen.getAllByRole('button', { name: 'Disputed' }).length).toBeGreaterThan(0)
    expect(screen.getByText('RIPE Atlas, shown by Stéphane Bortzmeyer, bortzmeyer.org, May 2023')).toBeTruthy()
  })

  it('keeps ways to block, and troubles that are nobody’s censorship, apart from what happened, each under its own heading', async () => {
    const [story] = atRest.scenarios
    if (!story) throw new Error('no story')
    const apart = (kind: 'mechanism' | 'trap', id: string) => ({ ...story, id, kind, title: id })
    const scenarios = [...atRest.scenarios, apart('mechanism', 'A box resets'), apart('trap', 'A café’s guest network')]
    await mountView(<LabView />, { lab: { ...atRest, scenarios } })
    const open = (summary: string) => {
      fireEvent.click(screen.getByText(summary))
      return within(screen.getByText(summary).closest('details') ?? document.body)
    }
    // Long lists are not made before somebody looks.
    expect(screen.queryByRole('heading', { name: 'A box resets', hidden: true })).toBeNull()
    expect(await open('One by one: 1 way to block').findByRole('heading', { name: 'A box resets' })).toBeTruthy()
    const traps = open('No censor at all: 1 trouble that looks like one')
    expect(await traps.findByRole('heading', { name: 'A café’s guest network' })).toBeTruthy()
    expect(traps.queryByRole('heading', { name: 'A box resets' })).toBeNull()
  })

  it('shows the story time and lets it be paused, resumed and stopped', async () => {
    const { asked, fake } = await mountView(<LabView />, { lab: inRussia })
    expect(screen.getByText('Move 5 of 6')).toBeTruthy()
    expect(screen.getAllByText(/April 16, 2018 at 12:00/).length).toBeGreaterThan(0)
    fireEvent.click(screen.getByRole('button', { name: 'Pause' }))
    await waitFor(() => expect(asked('lab.pause')).toEqual([{ paused: true }]))
    fake.emit('lab.changed', { ...inRussia, running: inRussia.running && { ...inRussia.running, speed: 0 } })
    fireEvent.click(await screen.findByRole('button', { name: 'Go on' }))
    await waitFor(() => expect(asked('lab.pause')).toHaveLength(2))
    fireEvent.click(screen.getByRole('button', { name: 'Stop and put everything back' }))
    await waitFor(() => expect(asked('lab.stop')).toHaveLength(1))
  })

  it('goes at the chosen speed, and on to the next move', async () => {
    const { asked } = await mountView(<LabView />, { lab: inRussia })
    fireEvent.change(screen.getByLabelText('Speed'), { target: { value: '5' } })
    await waitFor(() => expect(asked('lab.speed')).toEqual([{ speed: 5 }]))
    fireEvent.click(screen.getByRole('button', { name: 'Next move' }))
    await waitFor(() => expect(asked('lab.step')).toHaveLength(1))
  })

  it('looks back along the run, says so, lets nothing be changed there, and comes back to now', async () => {
    const { asked, fake } = await mountView(<LabView />, { lab: inRussia })
    expect(section('The simulated internet').queryByText('Your move')).toBeTruthy()
    fireEvent.change(screen.getByLabelText('Look back'), { target: { value: '0' } })
    await screen.findByText('You are looking at 0:00 of the run.')
    expect(asked('lab.at')).toEqual([{ atMs: 0 }])
    expect(screen.queryByText('Your move')).toBeNull()
    expect(screen.queryByRole('button', { name: /^Alice, in .*Move to another place$/ })).toBeNull()
    expect(screen.queryByRole('region', { name: 'Truth card' })).toBeNull()
    // The present goes on without pulling the person back to it.
    fake.emit('lab.changed', { ...inRussia, running: inRussia.running && { ...inRussia.running, atMs: 36_000 } })
    expect(screen.getByText('You are looking at 0:00 of the run.')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Back to now' }))
    expect(await screen.findByText('Your move')).toBeTruthy()
    expect(screen.queryByText(/You are looking at/)).toBeNull()
  })

  it('hands what happened to the person as a file, as the lab told it', async () => {
    const blobs: Blob[] = []
    const make = vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      if (blob instanceof Blob) blobs.push(blob)
      return 'blob:here'
    })
    await mountView(<LabView />, { lab: inRussia })
    fireEvent.click(screen.getByRole('button', { name: 'Save what happened' }))
    await waitFor(() => expect(blobs).toHaveLength(1))
    expect(await blobs[0]?.text()).toBe('{"t":"run"}\n')
    make.mockRestore()
  })

  it('runs the plain client’s clock beside the app’s own time', async () => {
    await mountView(<LabView />, { lab: inRussia, path: russiaPath })
    const first = Number.parseFloat(screen.getByText('A plain client at the same place').closest('p')?.textContent ?? '')
    expect(first).toBeGreaterThanOrEqual(12.4)
    expect(screen.getByText('still waiting, 6 tries')).toBeTruthy()
    await waitFor(() =>
      expect(Number.parseFloat(screen.getByText('A plain client at the same place').closest('p')?.textContent ?? '')).toBeGreaterThan(
        first,
      ),
    )
    expect(screen.getByText('This app').closest('p')?.textContent).toContain('1.9 s')
  })

  it('does not show this window’s app beside somebody else’s story', async () => {
    await mountView(<LabView />, { lab: inRussia, path: russiaPath, user: 'bob' })
    expect(screen.queryByText('This app')).toBeNull()
  })

  it('says the moves in words and gives details for one', async () => {
    await mountView(<LabView />, { lab: inRussia })
    const record = section('Move record')
    expect(record.getByText('Goes through a bridge, after 730 ms.')).toBeTruthy()
    const finding = record.getByRole('button', {
      name: /Messages: a whole range of one cloud is silent, strangers' services included\. Likely\./,
    })
    fireEvent.click(finding)
    expect(record.getByText(/^A whole range of one cloud is silent from here/)).toBeTruthy()
    fireEvent.click(finding)
    fireEvent.click(record.getByRole('button', { name: /Drops the whole of Cloud A/ }))
    expect(record.getByText('4 strangers’ services fall silent')).toBeTruthy()
    fireEvent.click(record.getByRole('button', { name: 'Close the details' }))
    expect(record.queryByText('4 strangers’ services fall silent')).toBeNull()
  })

  it('counts what it cost both sides', async () => {
    await mountView(<LabView />, { lab: inFrance })
    const cost = section('What it cost')
    expect(cost.getByText('214 people were recorded by the false page.')).toBeTruthy()
    expect(cost.getByText('Recorded there: Alice, 0 times.')).toBeTruthy()
  })

  it('puts what the lab did beside what the app said, outside of the app', async () => {
    await mountView(<LabView />, { lab: inFrance })
    const truth = section('Truth card')
    expect(truth.getByText('answered 240.77.252.152 for tl.test at four lookups')).toBeTruthy()
    expect(truth.getByText('Public links')).toBeTruthy()
    expect(truth.getByText(/name lookup answers falsely/)).toBeTruthy()
  })

  it('lets the person be the censor at a place, the own one first, and take everything back', async () => {
    const { asked } = await mountView(<LabView />, { lab: inRussia })
    const mine = section('Your move')
    fireEvent.click(mine.getByRole('button', { name: 'Cut by name' }))
    fireEvent.change(mine.getByLabelText('Where'), { target: { value: 'fr-b' } })
    fireEvent.click(mine.getByRole('button', { name: 'Lie in name lookup' }))
    fireEvent.click(mine.getByRole('button', { name: 'Undo all' }))
    await waitFor(() => {
      expect(asked('lab.censor')).toEqual([
        { move: 'sni_reset', vantage: 'ru-moscow-a' },
        { move: 'dns_lie', vantage: 'fr-b' },
      ])
      expect(asked('lab.undo')).toHaveLength(1)
    })
  })

  it('moves a person by the menu of the letter, by dragging it, and by the table', async () => {
    const { asked } = await mountView(<LabView />, { lab: atRest })
    const token = screen.getByRole('button', { name: 'Alice, in Amsterdam, provider A. Move to another place' })
    const menu = within(token.parentElement ?? document.body).getByRole('menu', { hidden: true })
    fireEvent(menu, Object.assign(new Event('beforetoggle'), { newState: 'open' }))
    fireEvent.click(within(menu).getByRole('menuitem', { name: `To ${isolated('Moscow, provider A')}`, hidden: true }))
    const data = new Map<string, string>()
    const dataTransfer = {
      setData: (type: string, value: string) => data.set(type, value),
      getData: (type: string) => data.get(type) ?? '',
      get types() {
        return [...data.keys()]
      },
    }
    fireEvent.dragStart(token.parentElement ?? token, { dataTransfer })
    fireEvent.drop(screen.getByText('Lyon, provider B', { ignore: 'option' }), { dataTransfer })
    fireEvent.click(screen.getByRole('button', { name: 'Table' }))
    fireEvent.change(screen.getByRole('combobox', { name: 'Place of Bob' }), { target: { value: 'de-a' } })
    await waitFor(() =>
      expect(asked('lab.place')).toEqual([
        { client: 'alice', vantage: 'ru-moscow-a' },
        { client: 'alice', vantage: 'fr-b' },
        { client: 'bob', vantage: 'de-a' },
      ]),
    )
  })

  it('tells in the table what stands in the way and what has fallen', async () => {
    await mountView(<LabView />, { lab: inRussia })
    fireEvent.click(screen.getByRole('button', { name: 'Table' }))
    expect(
      screen.getByRole('row', { name: /Moscow, provider A.*Drops the service’s own addresses.*Drops whole ranges of cloud A/ }),
    ).toBeTruthy()
    expect(screen.getByRole('row', { name: /Cloud A Lark music .* Down/ })).toBeTruthy()
    expect(screen.getByRole('row', { name: /Cloud B Heron mail .* Works/ })).toBeTruthy()
  })

  it('tells when another window changed the lab, and stays quiet about its own changes', async () => {
    const { fake } = await mountView(<LabView />, { lab: inRussia })
    expect(screen.getByText("Changed in Bob's window.")).toBeTruthy()
    fake.emit('lab.changed', { ...inRussia, changedBy: 'alice' })
    await waitFor(() => expect(screen.queryByText("Changed in Bob's window.")).toBeNull())
  })

  it('lets beads run for what the gateway tells, and lets none run that it did not', async () => {
    const { fake, container } = await mountView(<LabView />, { lab: inRussia })
    expect(container.querySelectorAll('svg circle[data-fate]')).toHaveLength(0)
    fake.emit('lab.moved', [
      { from: 'place:ru-moscow-a', to: 'net:ru-a', who: 'alice', kind: 'chat', fate: 'dropped' },
      { from: 'place:nl-a', to: 'host:service', who: 'bob', kind: 'chat', fate: 'passed' },
    ])
    await waitFor(() => expect(container.querySelectorAll('svg circle[data-fate]')).toHaveLength(2))
    fake.emit(
      'lab.moved',
      Array.from({ length: 200 }, () => ({
        from: 'place:nl-a',
        to: 'host:service',
        who: 'bob',
        kind: 'chat' as const,
        fate: 'passed' as const,
      })),
    )
    await waitFor(() => expect(container.querySelectorAll('svg circle[data-fate]').length).toBeGreaterThan(2))
    expect(container.querySelectorAll('svg circle[data-fate]').length).toBeLessThanOrEqual(60)
  })
})
