/** The tour as a newcomer takes it: doing what each step says, in both windows, to the end card; skipping it; taking it again. */
import { expect, test } from 'vitest'
import { inBrowser, JOURNEY_MS } from '../support/app-journey.ts'
import { appWindow, reads, textOf } from '../support/app-window.ts'

test('whoever does what each of the three steps says reads at the end what it cost, and can take the tour again from the help', {
  timeout: JOURNEY_MS,
}, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    const bob = appWindow(await app.openWindow('bob'))
    const { tour } = alice
    const press = (name: string) => tour.getByRole('button', { name }).click()

    await reads(tour, /Step 1 of 3 This is a rehearsal\. You are Alice; Bob is the other window\./)
    await press('Say hello to Bob')
    await alice.box.pressSequentially('Hello, Bob')
    await alice.box.press('Enter')

    await reads(tour, /Step 2 of 3 The relay can read this chat\./)
    await bob.openChat('alice')
    await bob.write('Hello, Alice')
    await reads(alice.message('Hello, Alice'), 'Hello, Alice')
    await press('Show me the switch')
    await alice.page.getByRole('button', { name: 'Secret', exact: true }).press('Enter')
    await alice.dialog.getByRole('button', { name: 'Start' }).click()
    await reads(tour, "Now accept in Bob's window.")
    await bob.secretRow('alice').getByRole('button').click()
    await bob.page.getByRole('button', { name: 'Accept here' }).click()
    await reads(tour, 'Only your two windows can read it now.')
    await bob.write('Only for Alice')
    await reads(alice.message('Only for Alice'), 'Only for Alice')
    await press('Show what the relay holds')
    await alice.page.getByRole('heading', { level: 1, name: 'What the relay holds' }).waitFor()

    await reads(tour, /Step 3 of 3 Now break the network\./)
    await press('Start')
    await reads(tour, 'Keep writing.')
    await reads(alice.strip, 'Simulated Moscow, provider A.')
    await bob.openChat('alice')
    let sent = 0
    while (!/\blost\./.test(await textOf(tour))) {
      sent += 1
      await alice.write(`Still here ${sent}`)
      await reads(bob.message(`Still here ${sent}`), `Still here ${sent}`)
    }

    await reads(tour, /^0 lost\. Detour found in [\d.]+ (s|ms)\. A plain client beside you: still waiting\./)
    await press('See it in the Lab')
    await alice.page.getByRole('heading', { level: 1, name: 'Lab' }).waitFor()
    await press('Done')
    await tour.waitFor({ state: 'detached' })

    await alice.more('Help and shortcuts')
    await alice.dialog.getByRole('button', { name: 'Take the tour' }).click()
    await reads(tour, 'Step 1 of 3')
    await press('Say hello to Bob')
    await alice.write('Hello again, Bob')
    await reads(tour, 'Step 2 of 3')
  })
})

test('the tour can be skipped, stays away when the window is opened anew, and is offered again in the help; bob never sees it', {
  timeout: JOURNEY_MS,
}, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    await reads(alice.tour, 'Step 1 of 3')
    await alice.skipTour()
    await alice.tour.waitFor({ state: 'detached' })
    await alice.page.reload()
    await reads(alice.header, 'Connected.')
    expect(await alice.tour.count()).toBe(0)

    await alice.more('Help and shortcuts')
    await alice.dialog.getByRole('button', { name: 'Take the tour' }).click()
    await alice.dialog.waitFor({ state: 'detached' })
    await reads(alice.tour, 'Step 1 of 3')

    const bob = appWindow(await app.openWindow('bob'))
    await reads(bob.header, 'Connected.')
    expect(await bob.tour.count()).toBe(0)
    await bob.more('Help and shortcuts')
    await bob.dialog.waitFor()
  })
})
