// @vitest-environment happy-dom
/** Two places beside each other, as a person brings them together. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { PathView } from '../../../renderer/src/features/path/view.tsx'
import type { Comparison } from '../../../shared/contract/compare.ts'
import { MAX_DIAGNOSTICS_CHARS } from '../../../shared/contract/diagnostics.ts'
import { mountView } from '../../support/mount-view.tsx'
import { francePath } from '../../support/path-fixtures.ts'

const comparison: Comparison = {
  outcome: 'compared',
  theirsAt: Date.UTC(2023, 4, 13, 9),
  theirNetwork: 'simulated',
  planes: [
    {
      plane: 'links',
      mine: { kind: 'interference', mechanisms: ['dns_lie'], word: 'confirmed', place: 'resolver' },
      theirs: { kind: 'ok', mechanisms: [], word: 'none', place: null },
      isSame: false,
      differences: [{ what: 'lookup', about: 'pages.throughline.test', mine: 'other-answer', theirs: 'true-answer', decides: true }],
    },
  ],
}
const section = () => within(screen.getByRole('region', { name: 'Compare two places' }))

describe('Compare two places', () => {
  it('sets another user of this lab beside me, and says what decides', async () => {
    const { fake, asked } = await mountView(<PathView />, { path: francePath, comparison })
    fake.emit('users.changed', [
      { handle: 'alice', card: null, hasWindow: true },
      { handle: 'bob', card: null, hasWindow: true },
    ])
    fireEvent.click(await section().findByRole('button', { name: 'Compare with bob' }))
    expect(section().queryByRole('button', { name: 'Compare with alice' })).toBeNull()
    expect((await section().findByText('This decides.')).parentElement?.textContent).toContain('pages.throughline.test')
    expect(section().getByText('Another address.')).toBeTruthy()
    expect(section().getByText('The true address.')).toBeTruthy()
    expect(asked('path.compare')).toEqual([{ text: 'the file of bob' }])
  })

  it('takes a pasted text, and says why one is refused', async () => {
    const { asked } = await mountView(<PathView />, { path: francePath })
    fireEvent.click(section().getByText('Paste its text instead'))
    const field = section().getByLabelText('Text of a diagnostics file')
    fireEvent.change(field, { target: { value: 'anything' } })
    fireEvent.click(section().getByRole('button', { name: 'Compare' }))
    expect(await section().findByText('This is no diagnostics file. Nothing was compared.')).toBeTruthy()
    fireEvent.change(field, { target: { value: 'x'.repeat(MAX_DIAGNOSTICS_CHARS + 1) } })
    fireEvent.click(section().getByRole('button', { name: 'Compare' }))
    expect(await section().findByText('This file is larger than any of ours. Nothing was compared.')).toBeTruthy()
    await waitFor(() => expect(asked('path.compare')).toHaveLength(1))
  })
})
