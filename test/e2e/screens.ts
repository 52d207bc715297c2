/**
 * Takes pictures of the real app, to be looked at: `node --import tsx test/e2e/screens.ts [WORD]`, after `npm run build`.
 * They come into test-results/screens/; the one in the README into docs/images/. Not a test: it compares nothing.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labPage } from '../support/app-lab.ts'
import { root } from '../support/app-program.ts'
import { startWebApp, type WebApp } from '../support/app-shells.ts'
import { type AppWindow, appWindow } from '../support/app-window.ts'
import { everywhere, looks, screens, shoot, speak } from '../support/camera.ts'
import { hillside } from '../support/picture.ts'

const readme = join(root, 'docs', 'images', 'first-window.png')
/** Of a story: its moves take a while. */
const LONGEST_MS = 120_000

const [word = ''] = process.argv.slice(2)
const scenes: Readonly<Record<string, (app: WebApp) => Promise<void>>> = {
  first,
  france,
  russia,
  secret,
  keys,
  lock,
  relay,
  adaptive,
  routes,
  history,
}

await mkdir(screens, { recursive: true })
await mkdir(join(root, 'docs', 'images'), { recursive: true })
for (const [name, scene] of Object.entries(scenes)) {
  if (!name.includes(word)) continue
  const dataDir = await mkdtemp(join(tmpdir(), 'throughline-screens-'))
  const app = await startWebApp({ users: ['alice', 'bob'], dataDir })
  try {
    await scene(app)
  } finally {
    await app.end()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function first(app: WebApp): Promise<void> {
  const alice = appWindow(await app.openWindow('alice'))
  await says(alice, 'Connected.')
  await shoot(alice.page, 'first-window')
  await looks(alice.page, { width: 680, height: 820 })
  await shoot(alice.page, 'first-window-680')
  await looks(alice.page, { width: 320, height: 640 })
  await shoot(alice.page, 'first-window-320')
  await looks(alice.page)
  await alice.skipTour()
  await alice.open('Lab')
  await shoot(alice.page, 'lab-at-rest')
  await alice.open('Path')
  await shoot(alice.page, 'path-plain')
}

async function secret(app: WebApp): Promise<void> {
  const { alice, bob } = await talk(app)
  const press = (window: AppWindow, name: string) => window.page.getByRole('button', { name, exact: true }).click()
  await press(alice, 'Secret')
  await alice.dialog.waitFor()
  await shoot(alice.page, 'secret-start')
  await alice.dialog.getByRole('button', { name: 'Start' }).click()
  await alice.write('Only for you')
  await shoot(alice.page, 'secret-waiting')
  await bob.secretRow('alice').getByRole('button').click()
  await bob.page.getByRole('button', { name: 'Accept here' }).waitFor()
  await shoot(bob.page, 'secret-asked')
  await press(bob, 'Accept here')
  await bob.message('Only for you').waitFor()
  await bob.write('I see it, and nobody else does.')
  await alice.message('I see it').waitFor()
  await press(alice, 'Timer: off')
  await alice.page.getByRole('menuitemradio', { name: '1 hour' }).click()
  await alice.write('This one goes in an hour.')
  await bob.message('This one').waitFor()
  await alice.page.getByText('Vanishes in').first().waitFor()
  await shoot(alice.page, 'secret')
  await looks(alice.page, { width: 320, height: 640 })
  await shoot(alice.page, 'secret-320')
  await looks(alice.page, { dark: true })
  await shoot(alice.page, 'secret-dark')
  await looks(alice.page)
  await alice.page.emulateMedia({ forcedColors: 'active' })
  await shoot(alice.page, 'secret-forced-colours')
  await alice.page.emulateMedia({ forcedColors: 'none' })
  await press(alice, 'What can the relay read?')
  await alice.dialog.getByText('sealed packet').waitFor()
  await shoot(alice.page, 'secret-relay-read')
  await looks(alice.page, { width: 320, height: 640 })
  await shoot(alice.page, 'secret-relay-read-320')
  await looks(alice.page)
  await alice.page.keyboard.press('Escape')
  await press(alice, 'More about this chat')
  await alice.page.getByRole('menuitem', { name: 'Compare' }).click()
  await alice.dialog.getByLabel(/^Safety number/).waitFor()
  await shoot(alice.page, 'secret-compare')
}

async function lock(app: WebApp): Promise<void> {
  const { alice, bob } = await talk(app)
  await alice.attach({ name: 'evening.png', mimeType: 'image/png', buffer: Buffer.from(hillside(480, 320)) })
  await alice.composer.locator('canvas').first().waitFor()
  await shoot(alice.page, 'picture-attached')
  await alice.composer.getByRole('button', { name: 'Send' }).click()
  await bob.messages.locator('canvas').first().waitFor()
  await everywhere(bob.page, 'picture')
  await alice.more('Settings')
  await everywhere(alice.page, 'settings-lock')
  await alice.dialog.getByRole('button', { name: 'Set a passphrase' }).click()
  await alice.dialog.getByLabel('New passphrase').fill('three plain words')
  await alice.dialog.getByLabel('The same again').fill('three plain words')
  await everywhere(alice.page, 'passphrase')
  await alice.dialog.getByRole('button', { name: 'Set', exact: true }).click()
  await alice.dialog.getByRole('button', { name: 'Change the passphrase' }).waitFor()
  await shoot(alice.page, 'settings-locked')
  await alice.page.keyboard.press('Escape')
  await alice.page.keyboard.press('Control+Shift+L')
  await alice.page.getByLabel('Passphrase', { exact: true }).waitFor()
  for (const [name, style] of [
    ['light', {}],
    ['dark', { dark: true }],
    ['320', { width: 320, height: 640 }],
  ] as const) {
    await looks(alice.page, style)
    await alice.page.screenshot({ path: join(screens, `lock-${name}.png`) })
  }
}

async function keys(app: WebApp): Promise<void> {
  const { alice, bob } = await talk(app)
  const press = (window: AppWindow, name: string) => window.page.getByRole('button', { name, exact: true }).click()
  const begin = async (window: AppWindow) => {
    await press(window, 'Secret')
    await window.dialog.getByRole('button', { name: 'Start' }).click()
  }
  await begin(alice)
  await bob.secretRow('alice').getByRole('button').click()
  await press(bob, 'Accept here')
  await alice.write('For this computer only')
  await bob.message('For this computer').waitFor()
  await bob.more('Another computer')
  await everywhere(bob.page, 'another-computer')
  await press(bob, 'Start on a new computer')
  await bob.dialog.waitFor({ state: 'detached' })
  await bob.secretRow('alice').waitFor({ state: 'detached' })
  await shoot(bob.page, 'another-computer-begun')
  await bob.openChat('alice')
  await begin(bob)
  await alice.page.getByRole('button', { name: 'Accept without comparing' }).waitFor()
  await everywhere(alice.page, 'keys-changed')
}

async function relay(app: WebApp): Promise<void> {
  const { alice, bob } = await talk(app)
  await alice.open('Lab')
  await alice.page.getByRole('button', { name: 'See what this relay could hand over' }).scrollIntoViewIfNeeded()
  await shoot(alice.page, 'relay-story')
  await alice.openChat('bob')
  await alice.page.getByRole('button', { name: 'Secret', exact: true }).click()
  await alice.dialog.getByRole('button', { name: 'Start' }).click()
  await alice.write('Only for you')
  await bob.secretRow('alice').getByRole('button').click()
  await bob.page.getByRole('button', { name: 'Accept here' }).click()
  await bob.message('Only for you').waitFor()
  await alice.open('Relay')
  await alice.page.getByText('It can read').waitFor()
  const sections = ['In short', 'Cloud and secret, side by side', 'What a valid legal request gets', 'What a dishonest relay could try']
  for (const [i, section] of sections.entries()) {
    await alice.page.getByRole('region', { name: section }).evaluate((element) => element.scrollIntoView())
    await shoot(alice.page, `relay-${i}`)
  }
  await alice.page.getByRole('region', { name: 'In short' }).evaluate((element) => element.scrollIntoView())
  for (const [name, style] of [
    ['dark', { dark: true }],
    ['320', { width: 320, height: 2400 }],
  ] as const) {
    await looks(alice.page, { width: 1280, height: 2400, ...style })
    await shoot(alice.page, `relay-whole-${name}`)
  }
  await looks(alice.page, { width: 1280, height: 2400 })
  await alice.page.emulateMedia({ forcedColors: 'active' })
  await shoot(alice.page, 'relay-whole-forced')
  await alice.page.emulateMedia({ forcedColors: 'none' })
  await speak(alice.page, 1)
  await shoot(alice.page, 'relay-whole-fa')
  await looks(alice.page, { width: 320, height: 2400 })
  await shoot(alice.page, 'relay-whole-fa-320')
  await speak(alice.page, 0)
}

async function france(app: WebApp): Promise<void> {
  const { alice, bob } = await talk(app)
  await bob.composer.getByRole('button', { name: 'Publish a page' }).click()
  await bob.dialog.getByRole('textbox', { name: 'Title' }).fill('The bakery')
  await bob.dialog.getByRole('textbox', { name: 'Text' }).fill('Bread is baked at six. Bring your own bag.')
  await shoot(bob.page, 'publish')
  await bob.dialog.getByRole('button', { name: 'Publish' }).click()
  await bob.dialog.waitFor({ state: 'detached' })
  await bob.box.press('Enter')
  const link = alice.messages.getByRole('link')
  await link.waitFor()
  const lab = labPage(alice)
  await lab.tryStory('France, May 2023')
  await says(alice, 'Public links')
  await lab.pause()
  await alice.openChat('bob')
  await alice.write('Got it. And look what my network says about it.')
  await alice.message('my network says').getByText('Read').waitFor({ state: 'attached' })
  await says(alice, 'Confirmed')
  await alice.page.screenshot({ path: readme, animations: 'disabled' })
  await link.click()
  await alice.dialog.getByText('We did not open it.').waitFor()
  await everywhere(alice.page, 'france-stopped-link')
  await alice.dialog.getByRole('button', { name: 'Open by another route' }).click()
  await alice.dialog.getByText('Bread is baked at six.').waitFor()
  await shoot(alice.page, 'france-read')
  await alice.page.keyboard.press('Escape')
  await alice.open('Lab')
  await shoot(alice.page, 'france-lab')
  await alice.open('Path')
  await shoot(alice.page, 'france-path')
}

async function russia(app: WebApp): Promise<void> {
  const { alice } = await talk(app)
  const lab = labPage(alice)
  await lab.tryStory('Russia, April 2018')
  await lab.record.getByText('Drops whole ranges').first().waitFor({ timeout: LONGEST_MS })
  await says(alice, 'A whole range of one cloud')
  await everywhere(alice.page, 'russia-lab')
  await alice.open('Path')
  await everywhere(alice.page, 'russia-path')
  await alice.open('Relay')
  await alice.page.getByText('It can read').waitFor()
  await everywhere(alice.page, 'relay')
  await alice.openChat('bob')
  await everywhere(alice.page, 'russia-chat')
  await alice.page.keyboard.press('Control+,')
  await alice.dialog.waitFor()
  await shoot(alice.page, 'settings')
}

async function adaptive(app: WebApp): Promise<void> {
  const { alice } = await talk(app)
  await alice.open('Lab')
  const lab = labPage(alice)
  await lab.learning.getByRole('slider').fill('2')
  await lab.learning.getByRole('combobox', { name: 'Pace' }).selectOption('fast')
  await everywhere(alice.page, 'adaptive-at-rest')
  await lab.learning.getByRole('button', { name: 'Let it begin' }).click()
  await lab.learning
    .getByText(/right after the block|held when the rest/)
    .first()
    .waitFor({ timeout: LONGEST_MS })
  await shoot(alice.page, 'adaptive-reconnect')
  await lab.learning.getByText(/It has no move left|All the ways/).waitFor({ timeout: 2 * LONGEST_MS })
  await everywhere(alice.page, 'adaptive')
  await looks(alice.page, { width: 320, height: 3200 })
  await shoot(alice.page, 'adaptive-whole-320')
  await looks(alice.page, { width: 1280, height: 2000 })
  await shoot(alice.page, 'adaptive-whole')
  await lab.lanes.getByRole('button').nth(4).click()
  await shoot(alice.page, 'adaptive-back')
}

async function routes(app: WebApp): Promise<void> {
  const { alice } = await talk(app)
  await alice.open('Path')
  const { page } = alice
  const list = page.getByRole('region', { name: 'Routes we know' })
  const decide = async (words: string, decision: string) => {
    await list.getByRole('listitem').filter({ hasText: words }).first().getByRole('button', { name: /^More/ }).click()
    await page.getByRole('menuitem', { name: decision }).click()
  }
  await list
    .getByRole('button', { name: /^Try now/ })
    .nth(1)
    .click()
  await decide('Another entrance', 'Always try first')
  await says(alice, 'Connected by the route you pinned.')
  await decide('Through a bridge', 'Never use')
  await page.getByRole('region', { name: 'Diagnostics for others' }).getByText('What is in it').click()
  await page.getByRole('button', { name: 'Switch on' }).click()
  await everywhere(page, 'help-others-consent')
  await alice.dialog.getByRole('checkbox').check()
  await alice.dialog.getByRole('button', { name: 'Switch on' }).click()
  await page.getByText('Everybody in this rehearsal can reach it').waitFor()
  for (const [name, style] of [
    ['light', {}],
    ['dark', { dark: true }],
    ['320', { width: 320 }],
  ] as const) {
    await looks(page, { width: 1280, height: 4200, ...style, ...(name === '320' && { height: 7000 }) })
    await shoot(page, `routes-${name}`)
  }
  await looks(page, { width: 1280, height: 4200 })
  await page.emulateMedia({ forcedColors: 'active' })
  await shoot(page, 'routes-forced')
  await page.emulateMedia({ forcedColors: 'none' })
  await speak(page, 1)
  await shoot(page, 'routes-fa')
  await looks(page, { width: 320, height: 7000 })
  await shoot(page, 'routes-fa-320')
}

/** What befell a network, why, and beside another place. */
async function history(app: WebApp): Promise<void> {
  const { alice } = await talk(app)
  const { page } = alice
  await labPage(alice).tryStory('France, May 2023')
  await alice.open('Path')
  const log = page.getByRole('region', { name: 'What happened on this network' })
  await log.getByText('False answers of the name lookup.').first().waitFor({ timeout: LONGEST_MS })
  const links = page.getByRole('region', { name: 'What we found' }).getByRole('listitem').filter({ hasText: 'Public links' }).first()
  await links.getByText('Why do you think so?').click()
  await links.getByText('What would change this').waitFor()
  const compare = page.getByRole('region', { name: 'Compare two places' })
  await compare.getByRole('button', { name: 'Compare with bob' }).click()
  await compare.getByText('This decides.').first().waitFor()
  for (const [name, style] of [
    ['light', {}],
    ['dark', { dark: true }],
    ['320', { width: 320, height: 9000 }],
  ] as const) {
    await looks(page, { width: 1280, height: 5200, ...style })
    await shoot(page, `history-${name}`)
  }
  await looks(page, { width: 1280, height: 5200 })
  await speak(page, 1)
  await shoot(page, 'history-fa')
  await looks(page, { width: 320, height: 9000 })
  await shoot(page, 'history-fa-320')
}

async function talk(app: WebApp): Promise<{ alice: AppWindow; bob: AppWindow }> {
  const alice = appWindow(await app.openWindow('alice'))
  const bob = appWindow(await app.openWindow('bob'))
  await alice.skipTour()
  await alice.openChat('bob')
  await bob.openChat('alice')
  for (const [from, to, text] of [
    [alice, bob, 'Good morning, Bob. Is the bakery open on Sunday?'],
    [bob, alice, 'Until noon. I wrote down when they bake.'],
    [alice, bob, 'سلام به همه'],
    [alice, bob, 'Send me the page and I will pass it on. My sister asks every week, and I always forget what the sign says.'],
  ] as const) {
    await from.write(text)
    await to.message(text).waitFor()
  }
  return { alice, bob }
}

async function says(window: AppWindow, words: string): Promise<void> {
  await window.header.getByText(words).first().waitFor({ timeout: LONGEST_MS })
}
