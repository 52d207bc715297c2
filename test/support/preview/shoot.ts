/**
 * Takes pictures of the previewed screens: `npx tsx test/support/preview/shoot.ts OUT_DIR [WORD]`, after
 * `npx vite build test/support/preview`. The page is served with the shells' CSP, and anything
 * it refuses is an error, as is what axe finds.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Page } from 'playwright-core'
import { fileHeaders } from '../../../electron/host/security-headers.ts'

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

interface Shot {
  name: string
  query?: string
  size?: [number, number]
  dark?: boolean
  /** In the colours of a system that forces its own. */
  forced?: boolean
  act?: (page: Page) => Promise<void>
}

const openBob = (page: Page) => page.locator('[data-chat="cloud:bob"]').dispatchEvent('click')
const openNima = (page: Page) => page.locator('[data-chat="cloud:nima"]').click()
const clickLink = async (page: Page) => {
  await openBob(page)
  await page.locator('[role="link"]').first().click()
}
const openSecret = (page: Page) => page.locator('[data-chat="secret:bob"]').dispatchEvent('click')
const then =
  (...acts: ((page: Page) => Promise<void>)[]) =>
  async (page: Page) => {
    for (const act of acts) await act(page)
  }
const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).first().click()
const more = (index: number) => async (page: Page) => {
  await page.locator('nav [aria-haspopup="menu"]').click()
  await page.locator('[role="menuitem"]').nth(index).click()
}
const wrongPassphrase = async (page: Page) => {
  await page.locator('input[type=password]').fill('close')
  await page.keyboard.press('Enter')
}
const toLock = (page: Page) => page.locator('#lock-title').evaluate((title) => title.scrollIntoView())
const setPassphrase = async (page: Page) => {
  await page.locator('#lock-title ~ div button').first().click()
  await page.locator('input[type=password]').first().fill('short')
  await page.locator('button[type=submit]').click()
}
const lookBack = (page: Page) => page.locator('input[type=range]').fill('12000')
const view = (index: number) => (page: Page) => page.locator('nav button').nth(index).click()

const shots: Shot[] = [
  { name: 'chat', act: openBob },
  { name: 'chat-dark', dark: true, act: openBob },
  { name: 'chat-960', size: [960, 700], act: openBob },
  { name: 'list-320', size: [320, 640] },
  { name: 'chat-320', size: [320, 640], act: openBob },
  { name: 'rtl', query: 'lang=fa', act: openNima },
  { name: 'rtl-320', query: 'lang=fa&path=returning', size: [320, 640], act: openNima },
  { name: 'pseudo', query: 'lang=pseudo&path=returning', size: [960, 700], act: openBob },
  { name: 'zoom', query: 'path=detour', size: [640, 400], act: openBob },
  { name: 'empty', query: 'empty' },
  { name: 'detour', query: 'path=detour&lab=moscow', act: openBob },
  { name: 'returning', query: 'path=returning&lab=moscow', size: [960, 700], act: openBob },
  { name: 'offline-dark', query: 'path=offline', dark: true, act: openBob },
  { name: 'window-680', query: 'path=links', size: [680, 820], act: openBob },
  { name: 'tour-1', query: 'tour=0&fresh', size: [680, 820] },
  { name: 'tour-1-320', query: 'tour=0&fresh', size: [320, 640] },
  { name: 'tour-1-open', query: 'tour=0&fresh', size: [680, 820], act: openBob },
  { name: 'tour-2', query: 'tour=1', size: [680, 820], act: openBob },
  { name: 'secret-tour-waiting', query: 'tour=1&secret=waiting', size: [680, 820], act: openSecret },
  { name: 'secret-tour-320', query: 'tour=1', size: [320, 640], act: openBob },
  { name: 'tour-3', query: 'tour=2', size: [680, 820], act: openBob },
  { name: 'tour-started', query: 'tour=2&lab=moscow', size: [680, 820], act: openBob },
  { name: 'tour-end', query: 'tour=3&lab=moscow&path=switched', size: [680, 820], act: openBob },
  { name: 'link-stopped', query: 'link=stopped', size: [680, 820], act: clickLink },
  { name: 'link-reader', query: 'link=reader', size: [680, 820], act: clickLink },
  { name: 'link-external', size: [680, 820], act: clickLink },
  { name: 'settings', size: [680, 820], act: more(2) },
  { name: 'settings-320-dark', size: [320, 640], dark: true, act: more(2) },
  ...[
    { name: '', size: [680, 820] as [number, number] },
    { name: '-dark', size: [680, 820] as [number, number], dark: true },
    { name: '-320', size: [320, 640] as [number, number] },
    { name: '-fa', size: [680, 820] as [number, number], language: '&lang=fa' },
    { name: '-fa-320', size: [320, 640] as [number, number], language: '&lang=fa', dark: true },
    { name: '-forced', size: [680, 820] as [number, number], forced: true },
  ].flatMap(({ name, language = '', ...look }): Shot[] => [
    { name: `lock-page${name}`, query: `lock=locked${language}`, ...look, act: wrongPassphrase },
    { name: `lock-settings${name}`, query: `lock=set${language}`, ...look, act: then(more(2), toLock) },
    { name: `lock-weak${name}`, query: `lock=weak${language}`, ...look, act: then(more(2), toLock) },
    { name: `lock-dialog${name}`, query: `lock=file${language}`, ...look, act: then(more(2), setPassphrase) },
  ]),
  { name: 'lock-start', query: 'lock=file', size: [680, 820], act: then(openBob, press('Secret')) },
  { name: 'help', size: [680, 820], act: more(3) },
  { name: 'add', size: [680, 820], act: more(0) },
  { name: 'card', size: [680, 820], act: more(1) },
  {
    name: 'search',
    size: [680, 820],
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type('the')
      await page.locator('[role="option"]').first().waitFor()
    },
  },
  { name: 'more', size: [680, 820], act: (page) => page.locator('nav [aria-haspopup="menu"]').click() },
  { name: 'help-line', query: 'path=detour', act: (page) => page.getByRole('button', { name: 'Likely' }).click() },
  { name: 'secret-list', query: 'secret=secured', size: [680, 820], act: openBob },
  { name: 'secret-start', size: [680, 820], act: then(openBob, press('Secret')) },
  ...['waiting', 'asked', 'secured', 'compared', 'timer', 'comparing', 'changed', 'ended', 'notices'].flatMap((state): Shot[] => [
    { name: `secret-${state}`, query: `secret=${state}`, size: [680, 820], act: openSecret },
    { name: `secret-${state}-dark`, query: `secret=${state}`, size: [680, 820], dark: true, act: openSecret },
    { name: `secret-${state}-320`, query: `secret=${state}`, size: [320, 640], act: openSecret },
  ]),
  { name: 'secret-wide', query: 'secret=timer', act: openSecret },
  { name: 'secret-forced', query: 'secret=timer', forced: true, act: openSecret },
  { name: 'secret-forced-dark', query: 'secret=changed', forced: true, dark: true, act: openSecret },
  { name: 'secret-fa', query: 'secret=timer&lang=fa', size: [680, 820], act: openSecret },
  { name: 'secret-fa-320', query: 'secret=changed&lang=fa', size: [320, 640], act: openSecret },
  { name: 'secret-pseudo', query: 'secret=timer&lang=pseudo', size: [680, 820], act: openSecret },
  { name: 'secret-compare', query: 'secret=secured', size: [680, 820], act: then(openSecret, press('Compare')) },
  { name: 'secret-symbols', query: 'secret=symbols', size: [680, 820], act: then(openSecret, press('Compare')) },
  { name: 'secret-symbols-320', query: 'secret=symbols', size: [320, 640], dark: true, act: then(openSecret, press('Compare')) },
  { name: 'secret-relay', query: 'secret=secured', size: [680, 820], act: then(openSecret, press('What can the relay read?')) },
  {
    name: 'secret-relay-320',
    query: 'secret=secured',
    size: [320, 640],
    dark: true,
    act: then(openSecret, press('What can the relay read?')),
  },
  { name: 'secret-timers', query: 'secret=timer', size: [680, 820], act: then(openSecret, press('Timer: 10 s')) },
  { name: 'path', query: 'path=detour', act: view(1) },
  { name: 'lab', query: 'path=detour&lab=moscow', act: view(2) },
  { name: 'lab-past', query: 'path=detour&lab=moscow', act: then(view(2), lookBack) },
  { name: 'lab-past-320', query: 'path=detour&lab=moscow', size: [320, 640], dark: true, act: then(view(2), lookBack) },
  { name: 'lab-past-fa', query: 'path=detour&lab=moscow&lang=fa', size: [960, 700], act: then(view(2), lookBack) },
  { name: 'lab-past-forced', query: 'path=detour&lab=moscow', forced: true, act: then(view(2), lookBack) },
  { name: 'relay', act: view(3) },
]

const [out = '.cache/screens', word = ''] = process.argv.slice(2)
const root = new URL('../../../.cache/preview/', import.meta.url).pathname
mkdirSync(out, { recursive: true })
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  const file = path === '/' ? 'index.html' : path.slice(1).replaceAll('..', '')
  try {
    const body = readFileSync(join(root, file))
    response.writeHead(200, { ...fileHeaders(file, body), 'content-type': types[extname(file)] ?? 'application/octet-stream' })
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = server.address()
const port = typeof address === 'object' && address ? address.port : 0
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
let faults = 0
for (const { name, query = '', size: [width, height] = [1280, 800], dark = false, forced = false, act } of shots.filter((shot) =>
  new RegExp(word).test(shot.name),
)) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    forcedColors: forced ? 'active' : 'none',
    locale: 'en-GB',
  })
  const page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    faults += 1
    process.stderr.write(`${name}: ${message.text()}\n`)
  })
  page.on('pageerror', (error) => {
    faults += 1
    process.stderr.write(`${name}: ${error.message}\n`)
  })
  await page.goto(`http://127.0.0.1:${port}/?${query}`)
  try {
    await page.locator('nav button, form button').first().waitFor({ timeout: 5_000 })
    await act?.(page)
    await page.evaluate(() => document.fonts.ready)
    // Pictures are looked at, not compared: what arrives late is given a moment.
    await new Promise((resolve) => setTimeout(resolve, 400))
  } catch (error) {
    faults += 1
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`)
  }
  const { violations } = await new AxeBuilder({ page }).analyze()
  for (const { id, nodes } of violations) {
    faults += 1
    process.stderr.write(`${name}: axe ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join('\n    ')}\n`)
  }
  await page.screenshot({ path: join(out, `${name}.png`) })
  await context.close()
}
await browser.close()
server.close()
process.exitCode = faults ? 1 : 0
