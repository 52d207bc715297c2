/** Everything from opening a chat to changing a setting, without a mouse. */
import { expect, test } from 'vitest'
import { inBrowser, JOURNEY_MS } from '../support/app-journey.ts'
import { type AppWindow, appWindow, reads } from '../support/app-window.ts'

test('a person without a mouse sends, searches, switches views and changes a setting', { timeout: JOURNEY_MS }, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    const bob = appWindow(await app.openWindow('bob'))
    const keys = alice.page.keyboard
    await reads(alice.header, 'Connected.')
    await alice.chatRow('bob').waitFor()
    await reads(alice.tour, 'Skip the tour')
    await tabTo(alice, 'Skip the tour')
    await keys.press('Enter')
    await tabTo(alice, /bob/)
    await keys.press('Enter')
    await expect.poll(() => focused(alice)).toContain('Message to bob')
    await keys.type('Typed, never clicked')
    await keys.press('Shift+Enter')
    await keys.type('second line')
    await keys.press('Enter')
    await bob.openChat('alice')
    await reads(bob.message('Typed, never clicked'), 'Typed, never clicked second line')

    for (const [key, heading] of [
      ['2', 'Path'],
      ['3', 'Lab'],
      ['4', 'What the relay holds'],
    ] as const) {
      await keys.press(`Alt+${key}`)
      await reads(alice.page.getByRole('heading', { level: 1 }), heading)
    }
    await keys.press('Control+k')
    await reads(alice.dialog, 'Search in all chats')
    await keys.type('never')
    await reads(alice.dialog, '1 found.')
    await keys.press('Enter')
    await reads(alice.message('Typed, never clicked'), /Read|Delivered/)

    await keys.press('Control+,')
    await reads(alice.dialog, 'Without a passphrase, whoever has this folder can read these chats')
    await tabTo(alice, 'As the system')
    await keys.press('ArrowDown')
    await keys.press('ArrowDown')
    await expect.poll(() => alice.page.locator('html').getAttribute('data-theme')).toBe('dark')
    await keys.press('Escape')
    await expect.poll(() => alice.dialog.count()).toBe(0)
    await keys.press('F1')
    await reads(alice.dialog, 'Help and shortcuts')
  })
})

const focused = ({ page }: AppWindow) =>
  page.evaluate(() => {
    const { activeElement: element, body } = document
    if (element === body) return ''
    const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])].map((label) => label.innerText) : []
    return [element?.getAttribute('aria-label') ?? '', ...labels, element instanceof HTMLElement ? element.innerText : ''].join(' ').trim()
  })

async function tabTo(window: AppWindow, name: string | RegExp): Promise<void> {
  const seen: string[] = []
  for (let step = 0; step < 60; step += 1) {
    await window.page.keyboard.press('Tab')
    const now = await focused(window)
    if (typeof name === 'string' ? now.includes(name) : name.test(now)) return
    seen.push(now)
  }
  throw new Error(`Tab never came to ${name}, but to: ${seen.join(' | ')}`)
}
