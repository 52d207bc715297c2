/** Two people on two computers with a relay of their own, by the commands of the README. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { JOURNEY_MS, onFreshData, travelling } from '../support/app-journey.ts'
import { type AppWindow, appWindow, reads } from '../support/app-window.ts'
import { startTwoComputers } from '../support/two-computers.ts'

const words = 'three plain words'

test('two people who gave each other their cards write to each other by their own relay, and one from a second computer', {
  timeout: JOURNEY_MS,
}, async () => {
  await onFreshData(async (folder) => {
    const app = await startTwoComputers(folder)
    await travelling(app, async () => {
      const [alice, bob] = [appWindow(await app.openWindow('alice')), appWindow(await app.openWindow('bob'))]
      for (const { header } of [alice, bob]) await reads(header, 'Connected.')
      await add(alice, await bob.card())
      await add(bob, await alice.card())
      await alice.write('Hello from here')
      await reads(bob.message('Hello from here'), 'Hello from here')
      await bob.write('And from there')
      await reads(alice.message('And from there'), 'And from there')
      // Nothing is simulated, and nothing says so.
      expect(await alice.strip.count()).toBe(0)

      const accountFile = await savedAccount(bob, folder)
      await app.startAnother('bob', 'laptop', accountFile)
      const laptop = appWindow(await app.openWindow('laptop'))
      await reads(laptop.page.getByRole('main'), "Bob's account from another computer")
      await laptop.page.getByLabel('Passphrase for the file').fill(words)
      await laptop.page.keyboard.press('Enter')
      await laptop.openChat('alice')
      await reads(laptop.messages, 'Hello from here')
      await laptop.write('From the laptop')
      await reads(alice.message('From the laptop'), 'From the laptop')
      await reads(bob.message('From the laptop'), 'From the laptop')
    })
  })
})

/** Where the file of the account was saved. A real account offers no rehearsal. */
async function savedAccount({ more, dialog, page }: AppWindow, folder: string): Promise<string> {
  await more('Another computer')
  expect(await dialog.getByRole('button', { name: 'Start on a new computer' }).count()).toBe(0)
  await dialog.getByLabel('Passphrase for the file').fill(words)
  await dialog.getByLabel('The same once more').fill(words)
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Save account file' }).click()
  const path = join(folder, 'account.json')
  expect((await download).suggestedFilename()).toBe('bob.throughline-account.json')
  await (await download).saveAs(path)
  await page.keyboard.press('Escape')
  return path
}

async function add({ page, dialog }: AppWindow, card: string): Promise<void> {
  await page.getByRole('button', { name: 'Add someone' }).click()
  await dialog.getByRole('textbox', { name: 'Their card' }).fill(card)
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
}
