/** Where the focus is, for whoever works without a mouse: always somewhere, always seen, and back where it was after a dialog. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { inBrowser, JOURNEY_MS } from '../support/app-journey.ts'
import { appWindow, reads } from '../support/app-window.ts'

test('arrows lead through the messages, dialogs give the focus back, and every stop of Tab in every view is seen', {
  timeout: JOURNEY_MS,
}, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    const { page } = alice
    const keys = page.keyboard
    const isFocused = (name: string) => expect.poll(() => focusedName(page)).toContain(name)
    await alice.skipTour()
    await alice.chatRow('bob').waitFor()
    await keys.press('Alt+ArrowDown')
    await isFocused('Message to bob')
    for (const text of ['First', 'Second', 'Third']) {
      await keys.type(text)
      await keys.press('Enter')
      await reads(alice.message(text), text)
    }

    for (let stop = 0; !(await focusedName(page)).includes('Third'); stop += 1) {
      expect(stop, 'stops of Tab between the box and the messages').toBeLessThan(10)
      await keys.press('Shift+Tab')
    }
    await keys.press('ArrowUp')
    await isFocused('Second')
    await keys.press('Home')
    await isFocused('First')
    await keys.press('Enter')
    await isFocused('Copy text')
    await keys.press('Escape')
    await isFocused('First')
    await keys.press('End')
    await isFocused('Third')

    for (const [opens, title] of [
      ['Control+,', 'Settings'],
      ['F1', 'Help and shortcuts'],
      ['Control+k', 'Search'],
      ['Alt+n', 'Add a person'],
    ] as const) {
      await keys.press(opens)
      await reads(alice.dialog, title)
      await keys.press('Tab')
      expect(
        await page.evaluate(() => document.activeElement?.closest('dialog') !== null || document.activeElement === document.body),
      ).toBe(true)
      await keys.press('Escape')
      await alice.dialog.waitFor({ state: 'detached' })
      await isFocused('Third')
    }

    for (const [key, heading] of [
      ['Alt+1', 'Chats'],
      ['Alt+2', 'Path'],
      ['Alt+3', 'Lab'],
      ['Alt+4', 'What the relay holds'],
    ] as const) {
      await keys.press(key)
      await page.getByRole('heading', { level: 1, name: heading }).waitFor({ state: 'attached' })
      const unseen: string[] = []
      // From where the focus is to the end of the page, and once more from its start.
      let stops = 0
      for (let ends = 0; ends < 2 && stops < 100; ) {
        await keys.press('Tab')
        const stop = await page.evaluate(lookAtFocus)
        if (stop === null) ends += 1
        else stops += 1
        if (stop?.seen === false) unseen.push(stop.name)
      }
      expect(stops, `stops of Tab in ${heading}`).toBeGreaterThan(6)
      expect(unseen, `what has the focus in ${heading} without showing it`).toEqual([])
    }
  })
})

const focusedName = (page: Page) =>
  page.evaluate(() => `${document.activeElement?.getAttribute('aria-label') ?? ''} ${document.activeElement?.textContent ?? ''}`)

/** Runs in the page. `null` where the focus has left it. Seen: within the window, and drawn otherwise than without the focus. */
function lookAtFocus(): { name: string; seen: boolean } | null {
  const element = document.activeElement
  if (!(element instanceof HTMLElement) || element === document.body) return null
  const drawn = () =>
    [element, element.firstElementChild, element.parentElement, element.parentElement?.parentElement].map((one) => {
      if (!one) return ''
      const { outlineStyle, outlineWidth, outlineColor, borderColor, boxShadow, backgroundColor } = getComputedStyle(one)
      return [outlineStyle, outlineWidth, outlineColor, borderColor, boxShadow, backgroundColor].join()
    })
  const { left, right, top, bottom } = element.getBoundingClientRect()
  const isInside = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight
  const focused = drawn().join()
  element.blur()
  const plain = drawn().join()
  element.focus({ preventScroll: true })
  return {
    name: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 40)}`,
    seen: isInside && focused !== plain,
  }
}
