// @vitest-environment happy-dom
/** Settings: what is chosen shows at once, and comes back where the engine could not take it. */
import { fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { SettingsDialog } from '../../../renderer/src/features/settings/settings-dialog.tsx'
import { mountView } from '../../support/mount-view.tsx'

HTMLDialogElement.prototype.showModal ??= () => {}

const isChosen = (name: string) => screen.getByRole<HTMLInputElement>('radio', { name }).checked

describe('the settings', () => {
  it('show a choice before the engine has answered, and keep it', async () => {
    const { store, asked } = await mountView(<SettingsDialog onClose={() => {}} />)
    fireEvent.click(await screen.findByRole('radio', { name: 'Dark' }))
    expect(isChosen('Dark')).toBe(true)
    expect(store.getState().settings?.theme).toBe('system')
    await waitFor(() => expect(store.getState().settings?.theme).toBe('dark'))
    expect(asked('settings.set')).toEqual([{ theme: 'dark' }])
    expect(isChosen('Dark')).toBe(true)
  })

  it('put a choice back that the engine refused, and say so', async () => {
    const { store } = await mountView(<SettingsDialog onClose={() => {}} />, { settingsStuck: true })
    fireEvent.click(await screen.findByRole('radio', { name: 'Dark' }))
    expect(isChosen('Dark')).toBe(true)
    await waitFor(() => expect(isChosen('Dark')).toBe(false))
    expect(store.getState().failure).toBe('store-damaged')
  })
})
