// @vitest-environment happy-dom
/** The lock on the page: while it is locked nothing of any chat is in the state or the document, and whatever comes late stays out. */
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { Frame } from '../../../renderer/src/app/frame.tsx'
import { reduce } from '../../../renderer/src/state/reduce.ts'
import { initialState } from '../../../renderer/src/state/state.ts'
import { useCaptureGuard } from '../../../renderer/src/state/use-capture-guard.ts'
import { mountView } from '../../support/mount-view.tsx'

HTMLDialogElement.prototype.showModal ??= () => {}

const locked = { locked: true, bringing: false, passphrase: true, keeper: 'file' } as const
const open = { profile: { passphrase: true, passphraseIs: 'open' } }
const words = 'Alice’s chats are locked'.replace('’', "'")

describe('a window that is locked', () => {
  it('empties the page and the state at once, by the shortcut, and fills them again once the passphrase is right', async () => {
    const { store, asked } = await mountView(<Frame />, open)
    await screen.findAllByText('bob', {}, { timeout: 10_000 })
    fireEvent.keyDown(document.body, { key: 'L', code: 'KeyL', ctrlKey: true, shiftKey: true })
    expect(screen.getByRole('heading', { name: words })).toBeTruthy()
    expect(document.body.textContent).not.toContain('bob')
    expect(store.getState()).toMatchObject({ chats: null, windows: {}, self: null, openChat: null, sheet: null })
    await waitFor(() => expect(asked('profile.lock')).toHaveLength(1))

    const field = screen.getByLabelText<HTMLInputElement>('Passphrase')
    fireEvent.change(field, { target: { value: 'opens' } })
    fireEvent.click(screen.getByRole('button', { name: 'Unlock' }))
    await screen.findByText('This is not the passphrase.', {}, { timeout: 10_000 })
    expect(field.value).toBe('')
    fireEvent.change(field, { target: { value: 'open' } })
    fireEvent.click(screen.getByRole('button', { name: 'Unlock' }))
    await screen.findAllByText('bob', {}, { timeout: 10_000 })
  })

  it('is locked by the engine too, also while a sheet covers it', async () => {
    const { fake, dispatch } = await mountView(<Frame />, open)
    await screen.findAllByText('bob', {}, { timeout: 10_000 })
    act(() => dispatch({ type: 'sheet.opened', sheet: 'settings' }))
    act(() => void fake.emit('profile.changed', locked))
    await screen.findByRole('heading', { name: words }, { timeout: 10_000 })
    expect(document.querySelector('dialog')).toBeNull()
  })

  it('does nothing by the shortcut where no passphrase could open it again', async () => {
    const { asked } = await mountView(<Frame />)
    await screen.findAllByText('bob', {}, { timeout: 10_000 })
    fireEvent.keyDown(document.body, { key: 'L', code: 'KeyL', ctrlKey: true, shiftKey: true })
    expect(screen.queryByText(words)).toBeNull()
    expect(asked('profile.lock')).toEqual([])
  })

  it('takes in nothing that comes late', () => {
    const state = reduce(initialState, { type: 'profile.changed', payload: locked })
    expect(reduce(state, { type: 'window.loaded', chatId: 'cloud:bob', messages: [], hasOlder: false, hasNewer: false })).toBe(state)
    expect(reduce(state, { type: 'typing.changed', payload: { chatId: 'cloud:bob', typing: true } })).toBe(state)
    expect(reduce(state, { type: 'chats.loaded', chats: [] })).toBe(state)
  })
})

function Guarded({ secrets }: { secrets: readonly boolean[] }) {
  return secrets.map((secret, index) => <Guard key={String(index)} secret={secret} />)
}
function Guard({ secret }: { secret: boolean }) {
  useCaptureGuard(secret)
  return null
}

describe('screenshots', () => {
  it('are guarded against while anything secret is shown, asked for once', async () => {
    const { asked, rerender, fake } = await mountView(null, { captureGuard: true })
    expect(fake).toBeTruthy()
    rerender(<Guarded secrets={[true, false]} />)
    rerender(<Guarded secrets={[true, true]} />)
    rerender(<Guarded secrets={[false, true]} />)
    await waitFor(() => expect(asked('host.guardCapture')).toEqual([{ on: true }]))
    rerender(<Guarded secrets={[]} />)
    await waitFor(() => expect(asked('host.guardCapture')).toEqual([{ on: true }, { on: false }]))
  })

  it('are not spoken of to a shell that cannot', async () => {
    const { asked } = await mountView(<Guarded secrets={[true]} />)
    expect(asked('host.guardCapture')).toEqual([])
  })
})
