/**
 * Takes pictures of the previewed screens: `npx tsx test/support/preview/shoot.ts OUT_DIR [WORD]`, after
 * `npx vite build test/support/preview`. The page is served with the shells' CSP, and anything it refuses is an error.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self' ws:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
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
  act?: (page: Page) => Promise<void>
}

const openBob = (page: Page) => page.locator('[data-chat="cloud:bob"]').click()
const openNima = (page: Page) => page.locator('[data-chat="cloud:nima"]').click()
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
  { name: 'path', query: 'path=detour', act: view(1) },
  { name: 'lab', query: 'path=detour&lab=moscow', act: view(2) },
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
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': CSP })
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
for (const { name, query = '', size: [width, height] = [1280, 800], dark = false, act } of shots.filter((shot) =>
  shot.name.includes(word),
)) {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en-GB',
  })
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
    await page.locator('nav button').first().waitFor({ timeout: 5_000 })
    await act?.(page)
    await page.evaluate(() => document.fonts.ready)
    // Pictures are looked at, not compared: what arrives late is given a moment.
    await new Promise((resolve) => setTimeout(resolve, 400))
  } catch (error) {
    faults += 1
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : error}\n`)
  }
  await page.screenshot({ path: join(out, `${name}.png`) })
  await page.close()
}
await browser.close()
server.close()
process.exitCode = faults ? 1 : 0
