/** A photo and a file from one window to the other; and a page that poses as a photo. */
import { readFile } from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { reads, textOf } from '../support/app-window.ts'
import { hillside } from '../support/picture.ts'

const posing = Buffer.from('<!doctype html><title>caught</title><h1>You have won</h1><script>document.title = "caught"</script>')

test('a photo and a large file arrive and can be saved, and a page that poses as a photo is a plain file', {
  timeout: JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice, bob }) => {
    await alice.openChat('bob')
    await bob.openChat('alice')

    const photo = Buffer.from(hillside(240, 160))
    await alice.attach({ name: 'evening.png', mimeType: 'image/png', buffer: photo })
    await reads(alice.composer.getByRole('list', { name: 'Files to send' }), /evening\.png \d+ kB/)
    await alice.box.fill('From the hill')
    await alice.box.press('Enter')
    const opens = bob.messages.getByRole('button', { name: 'Open the picture evening.png' })
    await opens.click()
    const picture = bob.dialog.getByRole('img', { name: 'Picture evening.png from alice' })
    await expect.poll(() => picture.evaluate((image) => (image instanceof HTMLCanvasElement ? image.width : 0))).toBe(240)
    expect(await saved(bob.dialog.getByRole('button', { name: 'Save' }))).toEqual(photo)
    await bob.page.keyboard.press('Escape')
    await reads(bob.messages, 'From the hill')

    const large = Buffer.alloc(4_000_000, 'Throughline ')
    await alice.attach({ name: 'minutes.bin', mimeType: 'application/octet-stream', buffer: large })
    await alice.composer.getByRole('button', { name: 'Send' }).click()
    const minutes = bob.message('minutes.bin')
    await reads(minutes, /minutes\.bin 4(\.0)? MB/)
    await fetched(minutes)
    expect((await saved(minutes.getByRole('button', { name: 'Save minutes.bin' }))).equals(large)).toBe(true)

    await alice.attach({ name: 'photo.png', mimeType: 'image/png', buffer: posing })
    await alice.composer.getByRole('button', { name: 'Send' }).click()
    const plain = bob.message('photo.png')
    await reads(plain, /photo\.png \d+ B/)
    await fetched(plain)
    expect(await saved(plain.getByRole('button', { name: 'Save photo.png' }))).toEqual(posing)
    expect(await plain.getByRole('img').count()).toBe(0)
    expect(await textOf(bob.page.locator('body'))).not.toContain('You have won')
    expect(await bob.page.title()).toBe('Bob - Throughline')
    expect(bob.page.frames()).toHaveLength(1)
  })
})

/** What only the relay has comes when it is asked for. */
async function fetched(message: Locator): Promise<void> {
  const save = message.getByRole('button', { name: /^Save / })
  const get = message.getByRole('button', { name: 'Get file' })
  await save.or(get).waitFor()
  if (await get.isVisible()) await get.click()
  await save.waitFor()
}

async function saved(button: Locator): Promise<Buffer> {
  const download = button.page().waitForEvent('download')
  await button.click()
  return readFile(await (await download).path())
}
