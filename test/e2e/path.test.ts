/** What a person decides about routes, and what they do for others: tries, pins, bans, forgets, hands on; and a bridge that bob runs for alice. */
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Diagnostics } from '../../shared/contract/diagnostics.ts'
import { JOURNEY_MS, oneBrowser } from '../support/app-journey.ts'
import { type AppWindow, appWindow, reads, returns, textOf } from '../support/app-window.ts'

const app = oneBrowser(['alice', 'bob'])

test('a person tries a route by itself, has it tried first, bans another, has the network forgotten and hands on what happened', {
  timeout: JOURNEY_MS,
}, async () => {
  const alice = appWindow(await app().openWindow('alice'))
  await alice.skipTour()
  await alice.open('Path')
  const { page, header } = alice
  const path = pathPage(alice)
  await reads(header, 'Connected.')
  await reads(path.route('In use'), 'The plain path')

  await path.tryNow('Another entrance')
  await reads(path.route('Another entrance'), /By itself it works: the relay proved itself after [\d.]+ m?s\./)
  await reads(header, 'Connected.')

  await path.decide('Another entrance', 'Always try first')
  await reads(header, 'Connected by the route you pinned.')
  await reads(path.route('Tried first'), 'Another entrance')
  await reads(path.findings, 'Messages reach the relay by the route you pinned')
  await path.decide('Another entrance', 'No longer first')
  await path.decide('The plain path', 'Never use')
  await reads(path.route('Banned'), 'The plain path')
  await reads(header, 'Connected by another route, for you banned the usual one.')
  await reads(path.race, 'Started')
  expect(await path.route('Banned').getByRole('button', { name: /^Try/ }).count()).toBe(0)

  // What has carried for five seconds is remembered.
  const ofMessages = path.memory.getByRole('heading', { name: 'Messages' })
  await ofMessages.waitFor()
  await reads(path.memory, /Best.*Takes/)
  await path.memory.getByRole('button', { name: 'Forget this network' }).click()
  // Files and links remember by themselves again when they find their ways anew.
  await ofMessages.waitFor({ state: 'detached' })

  await path.add('socks5://carol:open-sesame@203.0.113.66:1080')
  await path.export.getByText('What is in it').click()
  await reads(path.export, 'measurement_start_time')
  const download = page.waitForEvent('download')
  await path.export.getByRole('button', { name: 'Save diagnostics' }).click()
  const text = await readFile(await (await download).path(), 'utf8')
  const { connection, routes } = v.parse(Diagnostics, JSON.parse(text)).test_keys
  expect(connection.status).toBe('connected')
  expect(routes.some(({ choice }) => choice === 'banned')).toBe(true)
  for (const secret of ['203.0.113.66', 'carol', 'open-sesame', 'alice', 'bob', 'lab:', 'hand-']) expect(text).not.toContain(secret)

  await path.compare.getByRole('button', { name: 'Compare with bob' }).click()
  await reads(path.compare, /There is where bob stands now\..*The same/)
  await reads(path.history, 'No trouble was seen here so far.')
  await path.findings.getByText('Why do you think so?').first().click()
  await reads(path.findings, /Rule [A-Z]\d+ decided\..*What would change this/)

  await path.decide('The plain path', 'Allow again')
  await returns(alice)
})

test('bob runs a bridge after he agreed, what alice writes goes through it, and she gets through otherwise when he switches it off', {
  timeout: JOURNEY_MS,
}, async () => {
  const alice = appWindow(await app().openWindow('alice'))
  const bob = appWindow(await app().openWindow('bob'))
  await bob.open('Path')
  await alice.openChat('bob')
  const [hers, his] = [pathPage(alice), pathPage(bob)]
  await reads(his.help, 'It is off.')
  await his.help.getByRole('button', { name: 'Switch on' }).click()
  const start = bob.dialog.getByRole('button', { name: 'Switch on' })
  expect(await start.isDisabled()).toBe(true)
  await bob.dialog.getByRole('checkbox').check()
  await start.click()
  await reads(his.help, 'Everybody in this rehearsal can reach it, and nobody outside.')
  const linkBox = his.help.getByRole('region', { name: 'Link to your bridge' })
  await reads(linkBox, /\S/)
  const link = await textOf(linkBox)

  await alice.open('Path')
  await hers.add(link)
  await hers.tryNow('ws-bridge')
  await reads(hers.route('ws-bridge'), 'By itself it works')
  await hers.decide('ws-bridge', 'Always try first')
  await reads(alice.header, 'Connected by the route you pinned.')
  await reads(his.help, /Connections now [1-9]/)
  await alice.openChat('bob')
  await alice.write('Through your computer')
  await bob.openChat('alice')
  await reads(bob.message('Through your computer'), 'Through your computer')

  await bob.open('Path')
  await his.help.getByRole('button', { name: 'Switch off' }).click()
  await reads(his.help, 'It is off.')
  await expect.poll(() => textOf(alice.header)).not.toContain('the route you pinned.')
  await alice.write('And without it')
  await bob.openChat('alice')
  await reads(bob.message('And without it'), 'And without it')
})

function pathPage({ page }: AppWindow) {
  const region = (name: string) => page.getByRole('region', { name })
  const routes = region('Routes we know')
  const route = (words: string) => routes.getByRole('listitem').filter({ hasText: words }).first()
  return {
    route,
    race: region('The last race'),
    findings: region('What we found'),
    memory: region('What we remember about this network'),
    export: region('Diagnostics for others'),
    compare: region('Compare two places'),
    history: region('What happened on this network'),
    help: region('Help others connect'),
    tryNow: (words: string) =>
      route(words)
        .getByRole('button', { name: /^Try now:/ })
        .click(),
    async decide(words: string, decision: string) {
      await route(words)
        .getByRole('button', { name: /^More about the route/ })
        .click()
      await page.getByRole('menuitem', { name: decision }).click()
    },
    async add(link: string) {
      await routes.getByRole('textbox').fill(link)
      await routes.getByRole('button', { name: 'Add', exact: true }).click()
      await reads(routes, 'Added. It joins the next race.')
    },
  }
}
