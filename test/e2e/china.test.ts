/** China, 2015: the website is cut on the mainland while a flood hits one site of the service from everywhere. Two places are compared. */
import { test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { reads } from '../support/app-window.ts'

const story = 'China, July 2015'
const cut = 'This network cuts connections that name the website.'

test('the website is cut in Beijing and opens in Hong Kong, messages pass from both, and the flood stands before the site it hits', {
  timeout: JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    await bob.openChat('alice')
    const main = alice.page.getByRole('main')
    const lab = labPage(alice)
    await lab.tryStory(story)
    await lab.pause()
    await reads(alice.strip, 'Simulated Beijing. China')
    await lab.goTo('The web version cannot be reached from five places of the mainland.')
    await reads(lab.map, 'A flood: 1,000 a second where 200 can be served The service’s Asia-Pacific site')
    await reads(lab.map, 'Cuts connections that name the website Way out of the mainland')

    await alice.open('Path')
    await reads(main, cut)
    await alice.openChat('bob')
    await alice.write('From Beijing')
    await reads(bob.message('From Beijing'), 'Beijing')

    await alice.open('Lab')
    await lab.standIn('Hong Kong')
    await reads(alice.strip, 'Simulated Hong Kong. China')
    await alice.open('Path')
    await reads(main, 'The website answers and proved who it is.')
    await alice.openChat('bob')
    await alice.write('From Hong Kong')
    await reads(bob.message('From Hong Kong'), 'Hong Kong')

    await alice.open('Lab')
    await lab.standIn('Yunnan')
    await alice.open('Path')
    await reads(main, cut)
  })
})
