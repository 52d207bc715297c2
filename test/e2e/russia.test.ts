/** Russia, April 2018: the relay's addresses, then two whole clouds fall silent. Whoever keeps writing keeps being read. */
import { expect, test } from 'vitest'
import { inShell, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { electronShell, webShell } from '../support/app-shells.ts'
import { type AppWindow, appWindow, notes, reads, returns, textOf } from '../support/app-window.ts'

const story = 'Russia, April 2018'

for (const shell of [webShell, electronShell]) {
  test(`in ${shell.name}, messages keep arriving in order through every move, and the plain path comes back`, {
    timeout: JOURNEY_MS,
  }, async () => {
    await inShell(shell, ['alice', 'bob'], async (app) => {
      const alice = appWindow(await app.openWindow('alice'))
      const bob = appWindow(await app.openWindow('bob'))
      await alice.skipTour()
      await bob.openChat('alice')
      await reads(alice.header, /^Connected\./)
      const lab = labPage(alice)
      await lab.tryStory(story)
      // Before the block she is on the plain path, however long it took her to arrive in Moscow.
      await lab.pause()
      await reads(alice.strip, 'Simulated Moscow, provider A. Russia')
      await reads(alice.header, /^Connected\.$/)
      await reads(lab.clocks, /A plain client at the same place connected/)
      const saidByHeader = await notes(alice.header)
      await lab.goOn()

      await alice.openChat('bob')
      const sent = await keepWriting(alice, bob, async () => /\b17 April 2018/.test(await textOf(alice.strip)))
      // However slow the machine is: in one go, and again.
      expect(sent).toBeGreaterThan(3)
      const lines = await bob.messages.getByRole('listitem').filter({ hasText: 'Line' }).allInnerTexts()
      expect(lines.map((line) => Number(/Line (\d+)\./.exec(line)?.[1]))).toEqual(Array.from({ length: sent }, (_, index) => index + 1))
      await reads(alice.message(`Line ${sent}.`), /Delivered|Read/)
      const said = await saidByHeader()
      // Which way is found first is for the race to say; that a way was found is what the story is about.
      expect(said).toMatch(/The path broke\. Switched to (another entrance of the relay|a bridge) in [\d.]+ s; nothing was lost\./)
      // Both are true in turn, and how long the first stands is a matter of the story.
      expect(said).toMatch(
        /(This network drops everything sent to the relay's address|A whole range of one cloud is silent from here, strangers' services included)\. (Suspected|Likely|Confirmed)/,
      )
      await reads(alice.header, /Connected by a detour, through (another entrance of the relay|a bridge)\./)

      await alice.open('Lab')
      await reads(lab.running(story), 'The story is over for Alice')
      await reads(lab.clocks, /A plain client at the same place (still waiting|silent, and it has not noticed yet)/)
      await reads(lab.moves, /Service \S+ \S+ The service refuses\./)
      await reads(lab.moves, 'Censor Drops the service’s own addresses.')
      await reads(lab.moves, 'Censor Drops whole ranges of cloud B')
      await reads(lab.moves, /Alice's app \S+ \S+ Goes (by another entrance|through a bridge), after [\d.]+ (s|ms)\./)
      await reads(lab.moves, /Plain client \S+ \S+ The plain client hears nothing any more\./)
      await reads(lab.cost, /\d strangers' services are down\. Down: .+\./)
      await reads(lab.truth, 'The lab did')

      await lab.stop()
      await returns(alice)
    })
  })
}

/** Three lines at a time, the next as soon as these are read by the other, whatever happens on the way; until `isOver`. */
async function keepWriting(from: AppWindow, to: AppWindow, isOver: () => Promise<boolean>): Promise<number> {
  let sent = 0
  while (!(await isOver())) {
    for (let line = 0; line < 3; line += 1) {
      sent += 1
      await from.write(`Line ${sent}.`)
    }
    await reads(to.message(`Line ${sent}.`), `Line ${sent}.`)
  }
  return sent
}
