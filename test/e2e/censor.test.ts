/** The person as censor: the app finds its way by itself, and everything can be taken back. */
import { test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { reads, returns } from '../support/app-window.ts'

test('whoever drops the relay’s addresses sees the app answer, and one button takes it all back', { timeout: JOURNEY_MS }, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    await bob.openChat('alice')
    await alice.open('Lab')
    const lab = labPage(alice)
    await lab.censor.getByRole('combobox', { name: 'Where' }).selectOption('Amsterdam, provider A')
    await lab.censor.getByRole('button', { name: 'Drop its addresses' }).click()
    await reads(lab.censor, '1 of your gates stands.')
    await reads(lab.map, 'by you')
    await reads(alice.header, /The path broke\. Switched to .+; nothing was lost\.|Connected by a detour/)
    await reads(alice.header, "This network drops everything sent to the relay's address.")
    await bob.open('Lab')
    await reads(bob.page.getByRole('status'), "Changed in Alice's window.")

    await bob.openChat('alice')
    await bob.write('Still there?')
    await reads(alice.chats.or(alice.views), '1 chat with unread messages')
    await alice.openChat('bob')
    await alice.write('Still here')
    await reads(bob.message('Still here'), 'Still here')

    await alice.open('Lab')
    await lab.censor.getByRole('button', { name: 'Lie in name lookup' }).click()
    await reads(lab.censor, '2 of your gates stand.')
    await lab.censor.getByRole('button', { name: 'Undo all' }).click()
    await reads(lab.map, /^(?!.*by you)/)
    await returns(alice)
  })
})
