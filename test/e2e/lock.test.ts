/** The lock as a person uses it: a passphrase set, asked for after a restart, the screens taken away at once and by themselves. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { type AppWindow, reads, textOf } from '../support/app-window.ts'

const words = 'three plain words'

const field = ({ page }: AppWindow) => page.getByLabel('Passphrase', { exact: true })
const unlock = async (window: AppWindow, passphrase: string) => {
  await field(window).fill(passphrase)
  await field(window).press('Enter')
}
const isLocked = async (window: AppWindow) => {
  await reads(window.page.getByRole('main'), "Alice's chats are locked")
  const everything = await window.page.content()
  for (const word of ['Kept between us', 'bob', 'Bob']) expect(everything).not.toContain(word)
}

test('a passphrase keeps the chats after a restart, and locking takes them off the screen at once', { timeout: JOURNEY_MS }, async () => {
  await inTwoWindows(async ({ alice, bob }, app, dataDir) => {
    await alice.openChat('bob')
    await alice.write('Kept between us')
    await bob.openChat('alice')
    await reads(bob.messages, 'Kept between us')

    await alice.more('Settings')
    await reads(alice.dialog, 'whoever has this folder can read these chats')
    await alice.dialog.getByRole('button', { name: 'Set a passphrase' }).click()
    await reads(alice.dialog, 'It cannot be recovered.')
    await alice.dialog.getByLabel('New passphrase').fill('short')
    await reads(alice.dialog, 'Shorter than 8 characters')
    await alice.dialog.getByLabel('New passphrase').fill(words)
    await alice.dialog.getByLabel('The same again').fill('three plain word')
    await alice.dialog.getByRole('button', { name: 'Set', exact: true }).click()
    await reads(alice.dialog, 'These are not the same.')
    await alice.dialog.getByLabel('The same again').fill(words)
    await alice.dialog.getByRole('button', { name: 'Set', exact: true }).click()
    await reads(alice.dialog, 'After a start nothing can be read without it.')
    await alice.page.keyboard.press('Escape')
    const profile = join(dataDir, 'rehearsal', '..', 'users', 'alice')
    expect((await readdir(profile)).filter((name) => name.startsWith('store.')).toSorted()).toEqual(
      expect.not.arrayContaining(['store.key']),
    )
    expect(await readFile(join(profile, 'store.lock'), 'utf8')).not.toContain('plain')

    await app.restart(async () => {})
    await isLocked(alice)
    await bob.openChat('alice')
    await bob.write('Written while you were locked')
    await unlock(alice, 'three plain word')
    await reads(alice.page.getByRole('main'), 'This is not the passphrase.')
    await isLocked(alice)
    await unlock(alice, words)
    await alice.openChat('bob')
    await reads(alice.messages, 'Kept between us')
    await reads(alice.messages, 'Written while you were locked')

    await alice.box.fill('half a sen')
    await alice.page.keyboard.press('Control+Shift+L')
    await isLocked(alice)
    await bob.write('Only once you look')
    await alice.page.reload()
    await isLocked(alice)
    expect(await textOf(alice.page.locator('body'))).not.toContain('Only once you look')
    await unlock(alice, words)
    await alice.openChat('bob')
    await reads(alice.messages, 'Only once you look')
    await expect.poll(() => alice.box.inputValue()).toBe('half a sen')

    await alice.more('Settings')
    await alice.dialog.getByRole('button', { name: 'Remove the passphrase' }).click()
    await alice.dialog.getByLabel('Passphrase now').fill(words)
    await alice.dialog.getByRole('button', { name: 'Remove', exact: true }).click()
    await reads(alice.dialog, 'whoever has this folder can read these chats')
    expect(app.program.said()).not.toContain('plain')
  })
})
