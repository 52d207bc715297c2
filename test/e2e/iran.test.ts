/** Iran, 2018: photos crawl, then everything is dropped, then the addresses answer and are somebody else's. People go on writing. */
import { test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { RETURN_MS, reads } from '../support/app-window.ts'
import { hillside } from '../support/picture.ts'

const story = 'Iran, April to July 2018'

test('a photo arrives while photos crawl, messages pass under the full block, and nobody trusts what false routes lead to', {
  timeout: JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    await bob.openChat('alice')
    const lab = labPage(alice)
    await lab.tryStory(story)
    await lab.pause()
    await reads(alice.strip, 'Simulated Tehran, provider A. Iran')
    await reads(lab.running(story), 'Try this: once photos crawl')
    await lab.goTo('Withdraws the licence')
    await reads(lab.record, 'The leader closes his own channel.')
    await alice.openChat('bob')
    await alice.attach({ name: 'hill.png', mimeType: 'image/png', buffer: Buffer.from(hillside(160, 100)) })
    await alice.composer.getByRole('button', { name: 'Send' }).click()
    await bob.messages.getByRole('button', { name: 'Open the picture hill.png' }).waitFor()
    await alice.write('Did it come?')
    await reads(bob.message('Did it come?'), 'come')

    await alice.open('Lab')
    await lab.goTo('The gateways drop the service’s addresses')
    await reads(lab.record, /The gateways drop the service’s addresses for everybody\. Addresses dropped: 9,216\./)
    await alice.openChat('bob')
    await alice.write('Still here')
    await reads(bob.message('Still here'), 'here')
    await reads(alice.header, /Connected by (another route|a detour)/)

    await alice.open('Lab')
    await lab.goTo('claims the service’s addresses')
    await alice.open('Path')
    await reads(alice.page.getByRole('main'), 'The address answers, but what answers cannot prove that it is')
    await alice.openChat('bob')
    await bob.write('And I am, too')
    await reads(alice.message('And I am, too'), 'too')

    await alice.open('Lab')
    await reads(lab.cost, "No stranger's service is down.")
    await lab.stop()
    await reads(alice.header, /^Connected|The plain path answers again/, RETURN_MS)
  })
})
