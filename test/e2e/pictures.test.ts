/** Pictures that somebody sends are decoded outside of the page: what is hostile, broken or boundless neither stops nor enters the app. */
import { crc32, deflateSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { inBrowser, inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { appWindow, reads } from '../support/app-window.ts'
import { hillside } from '../support/picture.ts'

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A few kilobytes that say they are so many pixels. */
function png(width: number, height: number, rows = deflateSync(Buffer.alloc(1_000_000))): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Every way in which this page could have decoded a picture itself. */
async function watchDecoding(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.addInitScript(() => {
    const seen: string[] = []
    Object.assign(window, { decodedHere: seen })
    window.createImageBitmap = new Proxy(window.createImageBitmap, {
      apply(real, self, args) {
        seen.push('createImageBitmap')
        return Reflect.apply(real, self, args)
      },
    })
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          if (node instanceof Element)
            for (const image of [node, ...node.querySelectorAll('*')]) if (image.localName === 'img') seen.push('img')
        }
      }
    }).observe(document, { childList: true, subtree: true })
  })
  await page.reload()
  return () =>
    page.evaluate(() => (Object.getOwnPropertyDescriptor(window, 'decodedHere')?.value as string[] | undefined) ?? ['not watched'])
}

test('pictures never enter a decoder of the page, a bomb is refused by its header, and what is broken is a plain file', {
  timeout: JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    const decodedByBob = await watchDecoding(bob.page)
    await alice.openChat('bob')
    await bob.openChat('alice')
    const send = async (name: string, buffer: Buffer) => {
      await alice.attach({ name, mimeType: 'image/png', buffer })
      await alice.composer.getByRole('button', { name: 'Send' }).click()
    }

    await send('bomb.png', png(60_000, 60_000))
    await reads(bob.message('bomb.png'), 'This picture is too large to be shown. It can be saved.')
    await bob.message('bomb.png').getByRole('button', { name: 'Save bomb.png' }).waitFor()

    await send('broken.png', png(64, 64, Buffer.from('no zlib at all')))
    await reads(bob.message('broken.png'), 'This picture is damaged, or something else. It is not shown.')
    expect(await bob.message('broken.png').getByRole('img').count()).toBe(0)

    // The page goes on: nothing of this has stopped it.
    await bob.write('Still here')
    await reads(alice.messages, 'Still here')

    await send('wide.png', Buffer.from(hillside(1400, 200)))
    const opens = bob.messages.getByRole('button', { name: 'Open the picture wide.png' })
    await expect.poll(() => opens.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(360)
    await opens.focus()
    await bob.page.keyboard.press('Enter')
    const whole = bob.dialog.getByRole('img', { name: 'Picture wide.png from alice' })
    await expect.poll(() => whole.evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.width : 0))).toBe(1280)
    const drawn = await whole.evaluate((canvas) => {
      const pixels =
        canvas instanceof HTMLCanvasElement ? canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data : undefined
      return new Set(pixels).size
    })
    expect(drawn).toBeGreaterThan(10)
    await bob.page.keyboard.press('Escape')

    expect(await decodedByBob()).toEqual([])
    // The frames that decoded are gone again.
    await expect.poll(() => bob.page.frames().length).toBe(1)
    const forced = await bob.page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const image = new Image()
          image.onload = () => resolve('decoded')
          image.onerror = () => resolve('refused')
          image.src = URL.createObjectURL(
            new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'], { type: 'image/svg+xml' }),
          )
        }),
    )
    expect(forced).toBe('refused')
  })
})

test('the frame that decodes has no origin, no network, no storage and no way to the page', { timeout: JOURNEY_MS }, async () => {
  await inBrowser(['alice'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    const [frame] = await Promise.all([
      alice.page.waitForEvent('frameattached'),
      alice.page.evaluate(() => {
        const element = document.createElement('iframe')
        element.setAttribute('sandbox', 'allow-scripts')
        element.src = './decoder.html'
        document.body.append(element)
      }),
    ])
    // Not the empty page that every frame begins with.
    await frame.waitForURL(/\/decoder\.html$/)
    const can = await frame.evaluate(async () => {
      const tried = async (what: () => unknown) => {
        try {
          await what()
          return 'can'
        } catch {
          return 'cannot'
        }
      }
      return {
        origin: window.origin,
        fetch: await tried(() => fetch('./index.html')),
        elsewhere: await tried(() => fetch('https://relay.test/')),
        socket: await tried(
          () =>
            new Promise((resolve, reject) => {
              const socket = new WebSocket(`ws://${location.host}/port`)
              socket.onopen = resolve
              socket.onerror = reject
            }),
        ),
        storage: await tried(() => localStorage.length),
        cookie: await tried(() => document.cookie),
        page: await tried(() => parent.document.title),
        // biome-ignore lint/security/noGlobalEval: this is what is being tried
        eval: await tried(() => eval('1')),
      }
    })
    expect(can).toEqual({
      origin: 'null',
      fetch: 'cannot',
      elsewhere: 'cannot',
      socket: 'cannot',
      storage: 'cannot',
      cookie: 'cannot',
      page: 'cannot',
      eval: 'cannot',
    })
  })
})
