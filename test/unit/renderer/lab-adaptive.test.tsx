// @vitest-environment happy-dom
/** The sheet of the censor that learns, and a play without a story, as a person uses them. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { LabView } from '../../../renderer/src/features/lab/view.tsx'
import type { LabState } from '../../../shared/contract/lab.ts'
import { atRest } from '../../support/lab-fixtures.ts'
import { mountView } from '../../support/mount-view.tsx'

const sheet = () => within(screen.getByRole('region', { name: 'A censor that learns' }))

const playing: LabState = {
  ...atRest,
  free: { vantage: 'nl-a', startedAt: 1, atMs: 30_000, lastsMs: 30_000, paused: false, finished: false, moveTimes: [4000] },
  moves: [
    {
      atMs: 4000,
      side: 'censor',
      code: 'adaptive-impose',
      facts: { rung: 'prefix', targets: '240.52.0.0/16', count: 1, because: 'reconnect', what: '240.31.1.100', cost: 3 },
      text: 'Drops the whole range 240.52.0.0/16.',
    },
  ],
  adaptive: {
    vantage: 'nl-a',
    budget: 4,
    pace: 'fast',
    on: true,
    suspects: [{ address: '240.94.10.5', sure: true, cut: true, reasons: [{ code: 'reconnect', what: '240.31.1.100' }] }],
    spent: ['lark-music.test'],
    next: null,
    beyond: { rung: 'prefix', target: '240.35.0.0/16', cost: 5 },
    outcome: 'open',
    bills: [{ atMs: 4000, rung: 'prefix', target: '240.52.0.0/16', cost: 3, fell: [{ name: 'Lark music', ms: 12_000 }], lifted: false }],
  },
}

const plainly = (element: { textContent: string | null }) => element.textContent?.replaceAll(/[\u2066-\u2069]/g, '') ?? ''

it('says what a budget means before it begins, and begins with what was chosen', async () => {
  const { asked } = await mountView(<LabView />, { lab: atRest })
  const slider = sheet().getByRole('slider', { name: 'Its budget' })
  fireEvent.change(slider, { target: { value: '0' } })
  expect(slider.getAttribute('aria-valuetext')).toBe("It may break no stranger's service.")
  fireEvent.change(slider, { target: { value: '5' } })
  fireEvent.change(sheet().getByRole('combobox', { name: 'Pace' }), { target: { value: 'slow' } })
  fireEvent.click(sheet().getByRole('button', { name: 'Let it begin' }))
  await waitFor(() => expect(asked('lab.adaptive')).toEqual([{ wish: { vantage: expect.any(String), budget: 5, pace: 'slow' } }]))
})

it('tells what it believes, what is too dear for it, and beside what it reckoned what was measured', async () => {
  const { asked } = await mountView(<LabView />, { lab: playing })
  const said = plainly(screen.getByRole('region', { name: 'A censor that learns' }))
  expect(said).toContain('It has no move left that it can afford. A detour is still open.')
  expect(said).toContain("Too dear for its budget: Drop the whole range 240.35.0.0/16. It expects to break 5 strangers' services.")
  expect(said).toContain('New long connection by 240.31.1.100 right after the block.')
  expect(said).toContain('Reckoned: 3 services.')
  expect(said).toContain('Measured: Lark music (12 s).')
  fireEvent.click(sheet().getByRole('button', { name: 'Stop it and lift everything' }))
  await waitFor(() => expect(asked('lab.adaptive')).toEqual([{ wish: null }]))
})

it('lets a play without a story be paused, looked back on, by its marks in time too, and stopped', async () => {
  const { asked } = await mountView(<LabView />, { lab: playing })
  fireEvent.click(screen.getByRole('button', { name: 'Pause' }))
  await waitFor(() => expect(asked('lab.pause')).toEqual([{ paused: true }]))
  const lanes = within(screen.getByRole('region', { name: 'Moves in time' }))
  fireEvent.click(lanes.getByRole('button', { name: 'Censor, 0:04' }))
  await waitFor(() => expect(asked('lab.at')).toEqual([{ atMs: 4000 }]))
  expect(plainly(screen.getByRole('region', { name: 'Move record' }))).toContain("Reckons that 3 strangers' services break.")
  fireEvent.click(screen.getByRole('button', { name: 'Stop and put everything back' }))
  await waitFor(() => expect(asked('lab.stop')).toHaveLength(1))
})
