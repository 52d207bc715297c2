/** What other pages and other windows of the same browser can do with a profile: nothing, and take over. */
import { createServer, type Server } from 'node:http'
import { expect, test } from 'vitest'
import { inBrowser, JOURNEY_MS } from '../support/app-journey.ts'
import { appWindow, reads } from '../support/app-window.ts'

test('a page of another origin in the same browser, where the cookie is, neither reaches the engine nor reads or frames the pages', {
  timeout: JOURNEY_MS,
}, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    await reads(alice.header, 'Connected.')
    const ours = new URL('/', alice.page.url())
    const stranger = await serveStranger()
    try {
      const page = await alice.page.context().newPage()
      // Cookies ignore ports: this page's requests would carry the session's if SameSite and Origin did not stop them.
      for (const host of ['127.0.0.1', 'localhost']) {
        await page.goto(`http://${host}:${portOf(stranger)}/`)
        expect(await page.evaluate(openSocket, `ws://${ours.host}/port`)).toBe('refused')
        expect(await page.evaluate(readPage, ours.href)).toBe('unreadable')
        expect(await page.evaluate(postToken, new URL('/session', ours).href)).toBe('unreadable')
        await page.evaluate(framePage, ours.href)
        // A frame has no address until it has become something.
        await expect.poll(() => page.frames().map((frame) => /^[a-z-]*:/.exec(frame.url())?.[0])).toEqual(['http:', 'chrome-error:'])
      }
      // The same address by another name, as after DNS rebinding.
      const renamed = `http://localhost:${ours.port}/`
      const [answer] = await Promise.all([page.waitForResponse(renamed), page.goto(renamed).catch(() => null)])
      expect(answer.status()).toBe(421)
      await alice.openChat('bob')
      await alice.write('Still mine')
      await reads(alice.message('Still mine'), /Sent|Delivered/)
    } finally {
      stranger.closeAllConnections()
      stranger.close()
    }
  })
})

test('a second window of the same profile takes over, the first says so and can take it back', { timeout: JOURNEY_MS }, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const first = appWindow(await app.openWindow('alice'))
    await reads(first.header, 'Connected.')
    const page = await first.page.context().newPage()
    await page.goto(new URL('/', first.page.url()).href)
    const second = appWindow(page)
    await reads(second.header, 'Connected.')
    await reads(first.page.getByRole('main'), /Opened in another window These chats are open in another window/)

    await first.page.getByRole('button', { name: 'Use them here' }).click()
    await reads(first.header, 'Connected.')
    await reads(second.page.getByRole('main'), 'Opened in another window')
  })
})

test('an address that was printed opens one window, once: a browser without the session is told so', { timeout: JOURNEY_MS }, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    await reads(alice.header, 'Connected.')
    expect(alice.page.url()).not.toContain('#')
    const context = await app.browser.newContext({ locale: 'en-GB' })
    const page = await context.newPage()
    for (const address of [app.address('alice'), new URL('/', app.address('alice')).href]) {
      await page.goto('about:blank')
      await page.goto(address)
      await reads(page.getByRole('main'), 'This address does not open anything')
    }
    await reads(alice.header, 'Connected.')
  })
})

async function serveStranger(): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<!doctype html><title>Stranger</title><p>Another page of this browser.</p>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen')
  return address.port
}

// These run in the stranger's page.

function openSocket(url: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.onopen = () => resolve('open')
    socket.onerror = () => resolve('refused')
  })
}

async function readPage(url: string): Promise<string> {
  try {
    return await (await fetch(url, { credentials: 'include' })).text()
  } catch {
    return 'unreadable'
  }
}

async function postToken(url: string): Promise<string> {
  try {
    const body = JSON.stringify({ token: 'x' })
    return String((await fetch(url, { method: 'POST', body, credentials: 'include' })).status)
  } catch {
    return 'unreadable'
  }
}

function framePage(url: string): Promise<void> {
  return new Promise((resolve) => {
    const frame = document.createElement('iframe')
    frame.onload = () => resolve()
    frame.src = url
    document.body.append(frame)
  })
}
