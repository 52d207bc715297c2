/** A third person, added from the app: by being made here, and by the card that people give each other. */
import { expect, test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { appWindow, reads } from '../support/app-window.ts'

test('carol is added from the app, gets a window from it, and writes with alice; bob adds her by her card', {
  timeout: JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    await alice.more('Add a person')
    await alice.dialog.getByRole('textbox', { name: 'Handle' }).fill('carol')
    await alice.dialog.getByRole('button', { name: 'Make and add' }).click()
    await reads(alice.page.getByRole('status'), 'Carol has no window yet.')
    await alice.page.getByRole('button', { name: 'Open one' }).click()
    await reads(alice.page.getByRole('status'), 'Open Carol in a window of its own:')
    const [popup] = await Promise.all([
      alice.page.waitForEvent('popup'),
      alice.page.getByRole('link', { name: /^127\.0\.0\.1:\d+$/ }).click(),
    ])
    const carol = appWindow(popup)
    await expect.poll(() => popup.title()).toBe('Carol - Throughline')
    await reads(carol.header, 'Connected.')

    await alice.write('Welcome, Carol')
    await carol.openChat('alice')
    await reads(carol.message('Welcome, Carol'), 'Welcome, Carol')
    await carol.write('Thank you')
    await reads(alice.message('Thank you'), 'Thank you')

    const card = await carol.card()
    await bob.more('Add a person')
    await bob.dialog.getByRole('textbox', { name: 'Their card' }).fill(card.slice(0, -4))
    await bob.dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await reads(bob.dialog, 'A card is a handle, a colon and 43 characters of key. Nothing was added.')
    await bob.dialog.getByRole('textbox', { name: 'Their card' }).fill(card)
    await bob.dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await bob.write('I am Bob')
    await reads(carol.chatRow('bob'), /I am Bob.*1 unread message/)
  })
})
