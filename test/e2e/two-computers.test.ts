/** Two people on two computers with a relay of their own, by the commands of the README. */
import { expect, test } from 'vitest'
import { JOURNEY_MS, onFreshData, travelling } from '../support/app-journey.ts'
import { type AppWindow, appWindow, reads, textOf } from '../support/app-window.ts'
import { startTwoComputers } from '../support/two-computers.ts'

test('two people who gave each other their cards write to each other by their own relay', { timeout: JOURNEY_MS }, async () => {
  await onFreshData(async (folder) => {
    const app = await startTwoComputers(folder)
    await travelling(app, async () => {
      const [alice, bob] = [appWindow(await app.openWindow('alice')), appWindow(await app.openWindow('bob'))]
      for (const { header } of [alice, bob]) await reads(header, 'Connected.')
      await add(alice, await cardOf(bob))
      await add(bob, await cardOf(alice))
      await alice.write('Hello from here')
      await reads(bob.message('Hello from here'), 'Hello from here')
      await bob.write('And from there')
      await reads(alice.message('And from there'), 'And from there')
      // Nothing is simulated, and nothing says so.
      expect(await alice.strip.count()).toBe(0)
    })
  })
})

async function cardOf({ more, dialog, page }: AppWindow): Promise<string> {
  await more('Your card')
  const card = /[a-z]+:\S+/.exec(await textOf(dialog))?.[0] ?? ''
  await page.keyboard.press('Escape')
  return card
}

async function add({ page, dialog }: AppWindow, card: string): Promise<void> {
  await page.getByRole('button', { name: 'Add someone' }).click()
  await dialog.getByRole('textbox', { name: 'Their card' }).fill(card)
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
}
