/** Every view for everybody: without violations that axe knows, at 320 px and 200 %, right to left, and in a longer language. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { catalogues } from '../../renderer/src/i18n/catalogues.ts'
import { inBrowser, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { type AppWindow, appWindow, reads } from '../support/app-window.ts'

/** By their shortcuts, which are the same in every language. */
const views = { Chats: 'Alt+1', Path: 'Alt+2', Lab: 'Alt+3', Relay: 'Alt+4' } as const

test('every view and sheet is free of violations, light and dark, and fits 320 px and 200 %', { timeout: JOURNEY_MS }, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = await withSomethingToSee(appWindow(await app.openWindow('alice')))
    const faults: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await alice.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const [view, shortcut] of Object.entries(views)) {
        await alice.page.keyboard.press(shortcut)
        await alice.page.getByRole('main').getByRole('heading').first().waitFor()
        faults.push(...(await violations(alice.page, `${view}, ${colorScheme}`)))
      }
      for (const item of ['Add a person', 'Your card', 'Settings', 'Help and shortcuts'] as const) {
        await alice.more(item)
        await alice.dialog.waitFor()
        faults.push(...(await violations(alice.page, `${item}, ${colorScheme}`)))
        await alice.page.keyboard.press('Escape')
      }
    }
    for (const [size, width, height] of [
      ['320 px', 320, 640],
      ['200 %', 640, 400],
    ] as const) {
      await alice.page.setViewportSize({ width, height })
      for (const [view, shortcut] of Object.entries(views)) {
        await alice.page.keyboard.press(shortcut)
        await alice.page.getByRole('main').getByRole('heading').first().waitFor()
        const wide = await tooWide(alice.page)
        if (wide.length > 0) faults.push(`${view} at ${size} scrolls sideways: ${wide.join(', ')}`)
      }
    }
    expect(faults).toEqual([])
  })
})

test('every view speaks right to left, and shows no key of a text in any language', { timeout: JOURNEY_MS }, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = await withSomethingToSee(appWindow(await app.openWindow('alice')))
    const keys = Object.values(catalogues.en).flatMap((catalogue) => Object.keys(catalogue))
    const tellTale = new Set(keys.filter((key) => /[.A-Z]/.test(key)))
    const faults: string[] = []
    for (const [language, label, direction] of [
      ['fa', 'فارسی', 'rtl'],
      ['en-x-pseudo', 'Longer (for testing)', 'ltr'],
    ] as const) {
      await alice.page.keyboard.press('Control+,')
      await alice.page.getByRole('dialog').getByRole('radio').filter({ visible: true }).first().waitFor()
      await alice.page
        .getByText(label)
        .or(alice.page.getByText(catalogues.pseudo.settings.languagePseudo ?? ''))
        .or(alice.page.getByText(catalogues.fa.settings.languagePseudo))
        .first()
        .click()
      await alice.page.keyboard.press('Escape')
      await expect.poll(() => alice.page.locator('html').getAttribute('lang')).toBe(language)
      expect(await alice.page.locator('html').evaluate((html) => getComputedStyle(html).direction)).toBe(direction)
      for (const [view, shortcut] of Object.entries(views)) {
        await alice.page.keyboard.press(shortcut)
        await alice.page.getByRole('main').getByRole('heading').first().waitFor()
        const words = (await alice.page.locator('body').innerText()).split(/[\s,;:()[\]]+/)
        for (const word of words) if (tellTale.has(word.replace(/\.$/, ''))) faults.push(`${view} in ${language} shows ${word}`)
        const wide = await tooWide(alice.page)
        if (wide.length > 0) faults.push(`${view} in ${language} scrolls sideways: ${wide.join(', ')}`)
      }
    }
    expect(faults).toEqual([])
  })
})

/** A chat with words and a link, and a story that runs: so that the views show more than their empty states. */
async function withSomethingToSee(alice: AppWindow): Promise<AppWindow> {
  await alice.skipTour()
  await alice.openChat('bob')
  await alice.write('Look at https://example.org/ when you can')
  await reads(alice.message('Look at'), 'Delivered')
  await labPage(alice).tryStory('France, May 2023')
  await reads(alice.header, "Public links: this network's name lookup answers falsely.")
  return alice
}

async function violations(page: Page, where: string): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.map(({ id, nodes }) => `${where}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`)
}

/** What reaches beyond the window's sides and is not inside something made to be scrolled sideways, like the map: nobody could read it. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrollsSideways = (element: Element) =>
      /auto|scroll/.test(getComputedStyle(element).overflowX) && !element.matches('html, body, main')
    const pages = [...document.querySelectorAll('html, body, main')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ tagName, scrollWidth, clientWidth }) => `${tagName} ${scrollWidth} > ${clientWidth}`)
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const beyond: string[] = []
    for (let node = words.nextNode(); node; node = words.nextNode()) {
      const element = node.parentElement
      const text = node.textContent?.trim() ?? ''
      if (text === '' || !element?.checkVisibility() || element.closest('.hidden-text')) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      const { left, right } = range.getBoundingClientRect()
      if (left >= -1 && right <= innerWidth + 1) continue
      let holder: Element | null = element
      while (holder && !scrollsSideways(holder) && getComputedStyle(holder).textOverflow !== 'ellipsis') holder = holder.parentElement
      if (!holder) beyond.push(text.slice(0, 40))
    }
    return [...pages, ...beyond.slice(0, 5)]
  })
}
