/** A secret chat as two people use it: start, accept, write, compare, timer, remove for both, what the relay can read, end. */
import { expect, test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { type AppWindow, reads, textOf } from '../support/app-window.ts'
import { hillside } from '../support/picture.ts'
import { press, stateBar } from '../support/secret-chat.ts'

const menu = async (window: AppWindow, item: string | RegExp) => {
  await press(window, 'More about this chat')
  await window.page.getByRole('menuitem', { name: item }).click()
}

async function secured(alice: AppWindow, bob: AppWindow): Promise<void> {
  await alice.openChat('bob')
  await press(alice, 'Secret')
  await reads(alice.dialog, 'The relay still sees that you two write, when, and roughly how much.')
  await alice.dialog.getByRole('button', { name: 'Start' }).click()
  await reads(stateBar(alice), 'Waiting for Bob to accept on one of their devices.')
  await alice.write('Only for you')

  await reads(bob.secretRow('alice'), 'Asks for a secret chat')
  await bob.secretRow('alice').getByRole('button').click()
  await reads(bob.page.getByRole('main'), 'Alice asks for a secret chat.')
  expect(await textOf(bob.page.getByRole('main'))).not.toContain('Only for you')
  await press(bob, 'Accept here')
  await reads(bob.messages, 'Only for you')
  await reads(stateBar(alice), 'Encrypted end to end. Not yet compared.')
}

test('two people start a secret chat, compare, let words and a picture vanish, and see that the relay holds none of it', {
  timeout: JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    await secured(alice, bob)
    await bob.write('Good')
    await reads(alice.messages, 'Good')

    await menu(alice, 'Compare')
    const number = (window: AppWindow) => window.dialog.getByLabel(/^Safety number/)
    await reads(number(alice), /^(\d{5} ?){12}$/)
    await menu(bob, 'Compare')
    await reads(number(bob), await textOf(number(alice)))
    await alice.dialog.getByRole('button', { name: 'Compare emoji now' }).click()
    await bob.dialog.getByRole('button', { name: 'Show the emoji' }).click()
    const emoji = (window: AppWindow) => window.dialog.getByRole('list', { name: 'Seven emoji to compare' })
    await emoji(alice).waitFor()
    await emoji(bob).waitFor()
    expect(await emoji(alice).getByRole('listitem').count()).toBe(7)
    expect(await textOf(emoji(bob))).toBe(await textOf(emoji(alice)))
    await alice.dialog.getByRole('button', { name: 'They match' }).click()
    await bob.dialog.getByRole('button', { name: 'They match' }).click()
    await reads(stateBar(alice), /Compared on/)

    await press(alice, 'Timer: off')
    await alice.page.getByRole('menuitemradio', { name: '5 s', exact: true }).click()
    await reads(bob.messages, 'Alice set the timer')
    await bob.open('Path')
    await alice.write('Gone in a moment')
    await reads(alice.message('Gone in a moment'), 'Not seen yet.')
    // Watched for before it is there: it is to be seen for five seconds only.
    await Promise.all([bob.message('Gone in a moment').waitFor(), bob.open('Chats')])
    await alice.message('Gone in a moment').waitFor({ state: 'detached' })
    await bob.message('Gone in a moment').waitFor({ state: 'detached' })
    expect(await textOf(bob.page.locator('body'))).not.toContain('Gone in a moment')

    const photo = Buffer.from(hillside(240, 160))
    await alice.attach({ name: 'evening.png', mimeType: 'image/png', buffer: photo })
    await alice.composer.getByRole('checkbox', { name: 'Can be opened once' }).check()
    await alice.composer.getByRole('button', { name: 'Send' }).click()
    await press(bob, 'Open once')
    const picture = bob.dialog.getByRole('img', { name: 'Picture from Alice that can be opened once' })
    await expect.poll(() => picture.evaluate((image) => (image instanceof HTMLCanvasElement ? image.width : 0))).toBe(240)
    await bob.page.keyboard.press('Escape')
    await reads(bob.messages, 'You opened the picture. It is gone.')
    await reads(alice.messages, 'Bob opened the picture. It is gone.')
    expect(await textOf(bob.page.locator('body'))).not.toContain('evening.png')

    await press(alice, 'What can the relay read?')
    await reads(alice.dialog, /1 sealed packet, \d+ bytes/)
    await alice.page.keyboard.press('Escape')
    await alice.open('Relay')
    await reads(alice.page.getByRole('main'), 'Sealed packets on their way')
    expect(await textOf(alice.page.getByRole('main'))).not.toContain('Only for you')

    await alice.open('Chats')
    await menu(alice, 'End this secret chat')
    await alice.dialog.getByRole('button', { name: 'End it' }).click()
    await reads(stateBar(bob), 'Alice ended this secret chat.')
  })
})
