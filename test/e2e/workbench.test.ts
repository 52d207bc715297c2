/** The workbench: two mechanisms by hand, kept as a story, played, saved as a file; a bad file is told with its line, a good one is played. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { reads } from '../support/app-window.ts'

test('what a person builds as censor stands on the map, becomes a story, and travels as a file', { timeout: JOURNEY_MS }, async () => {
  await inTwoWindows(async ({ alice }) => {
    const { page, dialog } = alice
    await alice.open('Lab')
    const lab = labPage(alice)
    const bench = page.getByRole('group').filter({ has: page.getByRole('heading', { name: 'What stands now' }) })
    const press = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).click()
    await page.getByText('Workbench: build a censor of your own').click()

    await press('Add one')
    await page.getByLabel('What it does').selectOption('Slows it down')
    await page.getByRole('combobox', { name: 'Where', exact: true }).last().selectOption('Moscow, provider A')
    await page.getByLabel(/^Rate/).fill('0')
    await press('Switch on')
    await reads(bench, 'A number from 1 to 10,000.')
    await page.getByLabel(/^Rate/).fill('64')
    await press('Switch on')
    await reads(bench, 'Slows photos and files to 64 kbit/s')
    await press('Add one')
    await page.getByLabel('What it does').selectOption('Cuts them')
    await page.getByRole('combobox', { name: 'Where', exact: true }).last().selectOption('Moscow, provider A')
    await press('Switch on')
    await reads(lab.censor, '2 of your gates stand.')
    await reads(lab.map, 'by you')

    await press('Save as a story')
    await dialog.getByLabel('Title').fill('Slow and cut')
    await dialog.getByRole('radio', { name: 'All at once' }).check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    const mine = (title: string) =>
      page
        .getByRole('region', { name: 'Yours' })
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
    const saved = page.waitForEvent('download')
    await mine('Slow and cut').getByRole('button', { name: 'Export' }).click()
    const text = await readFile(await (await saved).path(), 'utf8')
    expect(JSON.parse(text)).toMatchObject({
      card: { id: 'slow-and-cut' },
      rules: [{ act: { do: 'throttle', kbps: 64 } }, { act: { do: 'reset' } }],
    })

    await press('Import a story')
    const bad = text.replace('"kbps": 64', '"kbps": "fast"')
    const line = bad.slice(0, bad.indexOf('"kbps"')).split('\n').length
    const choose = async (content: string) => {
      const chooser = page.waitForEvent('filechooser')
      await dialog.getByRole('button', { name: 'Choose a file' }).click()
      await (await chooser).setFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(content) })
    }
    await choose(bad)
    await reads(dialog, `Line ${line} : "kbps" must be a number, at least 1.`)
    await reads(dialog, 'Nothing was changed.')
    await choose(text.replace('"id": "slow-and-cut"', '"id": "from-a-friend"').replaceAll('Slow and cut', 'From a friend'))
    await dialog.waitFor({ state: 'detached' })
    await mine('From a friend')
      .getByRole('button', { name: /^Try this/ })
      .click()
    await dialog.getByRole('button', { name: 'Start' }).click()
    await reads(lab.running('From a friend'), /(Running|The story is over) for Alice/)
    await reads(lab.map, 'Slows photos and files to 64 kbit/s')
  })
})
