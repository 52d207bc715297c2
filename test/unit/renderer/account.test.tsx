// @vitest-environment happy-dom
/** Taking an account to another computer: nothing is made until both passphrases are long enough and the same. */
import { fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { AccountDialog } from '../../../renderer/src/features/account/account-dialog.tsx'
import { mountView } from '../../support/mount-view.tsx'

HTMLDialogElement.prototype.showModal ??= () => {}
afterEach(() => vi.restoreAllMocks())

async function setUp() {
  const saved: { name: string; content: Blob }[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((content) => {
    if (content instanceof Blob) saved.push({ name: '', content })
    return 'blob:it'
  })
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, content: saved.pop()?.content ?? new Blob() })
  })
  let closed = false
  const view = await mountView(<AccountDialog onClose={() => (closed = true)} />)
  const fill = (first: string, again: string) => {
    fireEvent.change(screen.getByLabelText('Passphrase for the file'), { target: { value: first } })
    fireEvent.change(screen.getByLabelText('The same once more'), { target: { value: again } })
    fireEvent.click(screen.getByRole('button', { name: 'Save account file' }))
  }
  return { ...view, saved, fill, isClosed: () => closed }
}

it('asks for a longer passphrase, and for the same one twice, before anything is made', async () => {
  const { fill, asked } = await setUp()
  fill('seven..', 'seven..')
  await screen.findAllByText(/At least 8 characters/)
  expect(screen.getByLabelText('Passphrase for the file').getAttribute('aria-invalid')).toBe('true')
  fill('eight or more', 'eight or mone')
  await screen.findByText('These two are not the same.')
  expect(asked('account.export')).toEqual([])
})

it('saves the file under the name of its account, and forgets the passphrase', async () => {
  const { fill, saved } = await setUp()
  fill('eight or more', 'eight or more')
  await screen.findByText('Saved where your downloads go.')
  expect(saved.map(({ name }) => name)).toEqual(['alice.throughline-account.json'])
  expect(await saved[0]?.content.text()).toBe('sealed with eight or more')
  expect(screen.getByLabelText<HTMLInputElement>('Passphrase for the file').value).toBe('')
})

it('moves a test user to a new computer and closes', async () => {
  const { asked, isClosed } = await setUp()
  fireEvent.click(screen.getByRole('button', { name: 'Start on a new computer' }))
  await waitFor(() => expect(isClosed()).toBe(true))
  expect(asked('users.move')).toEqual([{ handle: 'alice' }])
})
