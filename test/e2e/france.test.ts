/** France, May 2023: the name lookup lies about public links. Messages pass; the false page never sees the person. */
import { expect, test } from 'vitest'
import { inShell, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { electronShell, webShell } from '../support/app-shells.ts'
import { appWindow, reads, textOf } from '../support/app-window.ts'

const story = 'France, May 2023'
const pageText = 'Bread is baked at six. Bring your own bag.'

/** Does not say so. */
const without = (words: string) => new RegExp(`^(?![^]*${words})`)

for (const shell of [webShell, electronShell]) {
  test(`in ${shell.name}, a falsely answered public link is stopped, read by another route, and nobody recorded alice`, {
    timeout: JOURNEY_MS,
  }, async () => {
    await inShell(shell, ['alice', 'bob'], async (app) => {
      const alice = appWindow(await app.openWindow('alice'))
      const bob = appWindow(await app.openWindow('bob'))
      await alice.skipTour()
      await bob.openChat('alice')
      await bob.composer.getByRole('button', { name: 'Publish a page' }).click()
      await bob.dialog.getByRole('textbox', { name: 'Title' }).fill('The bakery')
      await bob.dialog.getByRole('textbox', { name: 'Text' }).fill(pageText)
      await bob.dialog.getByRole('button', { name: 'Publish' }).click()
      await expect.poll(() => bob.box.inputValue()).toMatch(/^https:\/\/tl\.test\/\S+$/)
      await bob.box.press('Enter')

      const lab = labPage(alice)
      await alice.openChat('bob')
      const link = alice.messages.getByRole('link')
      await reads(link, /^https:\/\/tl\.test\//)
      await lab.tryStory(story)
      // The story waits while its person looks around.
      await lab.pause()
      await lab.goTo('People follow links')
      await reads(alice.strip, /Simulated Paris, provider A\. France, \d+ May 2023\. Nothing leaves this computer\./)
      await reads(alice.header, "Messages work. Public links: this network's name lookup answers falsely.")

      await alice.openChat('bob')
      await link.click()
      await reads(alice.dialog, 'This link would have taken you elsewhere')
      await reads(alice.dialog, 'We did not open it.')
      await alice.dialog.getByRole('button', { name: 'Why?' }).click()
      await reads(alice.dialog, 'Nothing was loaded from the false address.')
      await alice.dialog.getByRole('button', { name: 'Open by another route' }).click()
      await reads(alice.dialog, pageText)
      await reads(alice.dialog, /A public page by bob\. .*the site proved itself/)
      await alice.page.keyboard.press('Escape')

      await alice.write('Are you open on Sunday?')
      await reads(bob.message('Are you open on Sunday?'), 'Sunday')
      await bob.write('Until noon.')
      await reads(alice.message('Until noon.'), 'noon')

      await alice.open('Lab')
      await reads(lab.cost, /\d+ people were recorded by the false page\./)
      await reads(lab.cost, 'Recorded there: Alice, 0 times.')
      await lab.goToEnd(story)
      await reads(lab.running(story), 'The story is over for Alice')
      await reads(alice.header, /^Connected\.$/)
      expect(await textOf(lab.cost)).toContain('Recorded there: Alice, 0 times.')

      // Looking back along the run: the lie stands on the map then, and nowhere now.
      const lie = 'Name lookup answers falsely for public links'
      await reads(lab.map, without(lie))
      await lab.lookBackTo(8_000)
      await reads(alice.page.getByRole('main'), 'You are looking at 0:08 of the run.')
      await reads(lab.map, lie)
      await alice.page.getByRole('button', { name: 'Back to now' }).click()
      await reads(lab.map, without(lie))
    })
  })
}
