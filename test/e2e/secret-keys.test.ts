/** Somebody goes on from another computer: the other side is told, sending waits, and goes on once they compared or accepted. */
import { expect, test } from 'vitest'
import { inBrowser, JOURNEY_MS } from '../support/app-journey.ts'
import { type AppWindow, appWindow, reads, textOf } from '../support/app-window.ts'

const press = (window: AppWindow, name: string) => window.page.getByRole('button', { name, exact: true }).click()
const bar = (window: AppWindow) => window.page.getByRole('region', { name: 'State of this secret chat' })

test('a person with a new computer starts the secret chat again, and the other is asked before anything more is sent', {
  timeout: JOURNEY_MS,
}, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    const bob = appWindow(await app.openWindow('bob'))
    await alice.skipTour()
    await alice.openChat('bob')
    await alice.write('In the cloud')
    await press(alice, 'Secret')
    await alice.dialog.getByRole('button', { name: 'Start' }).click()
    await reads(bar(alice), 'Waiting for Bob')
    await alice.write('For this computer only')
    await bob.secretRow('alice').getByRole('button').click()
    await press(bob, 'Accept here')
    await reads(bob.messages, 'For this computer only')

    await bob.more('Another computer')
    await bob.dialog.getByRole('button', { name: 'Start on a new computer' }).click()
    await bob.dialog.waitFor({ state: 'detached' })
    await bob.secretRow('alice').waitFor({ state: 'detached' })
    await bob.openChat('alice')
    await reads(bob.messages, 'In the cloud')
    await press(bob, 'Secret')
    await bob.dialog.getByRole('button', { name: 'Start' }).click()
    await reads(bar(bob), 'Waiting for Alice to accept')

    await alice.secretRow('bob').getByRole('button').click()
    await reads(bar(alice), "Bob's keys changed. A new computer or reinstall does this; so does someone in between. Sending waits.")
    expect(await alice.box.isDisabled().catch(() => true)).toBe(true)
    await press(alice, 'Accept without comparing')
    await reads(bar(alice), 'Encrypted end to end. Not yet compared.')
    await reads(bar(bob), 'Encrypted end to end. Not yet compared.')
    await alice.write('Welcome back')
    await reads(bob.messages, 'Welcome back')
    expect(await textOf(bob.messages)).not.toContain('For this computer only')
    await reads(alice.messages, 'For this computer only')
  })
})
