/** Somebody goes on from another computer: the other side is told, sending waits, and goes on once they compared or accepted. */
import { expect, test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { reads, textOf } from '../support/app-window.ts'
import { accept, askFor, press, stateBar } from '../support/secret-chat.ts'

test('a person with a new computer starts the secret chat again, and the other is asked before anything more is sent', {
  timeout: JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    await alice.openChat('bob')
    await alice.write('In the cloud')
    await askFor(alice, 'Bob')
    await alice.write('For this computer only')
    await accept(bob, 'alice')
    await reads(bob.messages, 'For this computer only')

    await bob.more('Another computer')
    await bob.dialog.getByRole('button', { name: 'Start on a new computer' }).click()
    await bob.dialog.waitFor({ state: 'detached' })
    await bob.secretRow('alice').waitFor({ state: 'detached' })
    await bob.openChat('alice')
    await reads(bob.messages, 'In the cloud')
    await askFor(bob, 'Alice')

    await alice.secretRow('bob').getByRole('button').click()
    await reads(stateBar(alice), "Bob's keys changed. A new computer or reinstall does this; so does someone in between. Sending waits.")
    expect(await alice.box.isDisabled()).toBe(true)
    await press(alice, 'Accept without comparing')
    await reads(stateBar(alice), 'Encrypted end to end. Not yet compared.')
    await reads(stateBar(bob), 'Encrypted end to end. Not yet compared.')
    await alice.write('Welcome back')
    await reads(bob.messages, 'Welcome back')
    expect(await textOf(bob.messages)).not.toContain('For this computer only')
    await reads(alice.messages, 'For this computer only')
  })
})
