/** For everyone: what axe can find, narrow and enlarged windows, right to left, and a language with longer words. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { catalogues, type Locale } from '../../renderer/src/i18n/catalogues.ts'
import { JOURNEY_MS, oneBrowser } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import type { WebApp } from '../support/app-shells.ts'
import { type AppWindow, appWindow, reads } from '../support/app-window.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const views = ['Chats', 'Path', 'Lab', 'Relay'] as const
const dialogs = ['Add a person', 'Your card', 'Settings', 'Help and shortcuts'] as const
/** The narrowest window, and one of 1280 x 800 enlarged to 200 %. */
const sizes = [
  { width: 320, height: 640 },
  { width: 640, height: 400 },
]

const app = oneBrowser(['alice', 'bob'])
let alice: AppWindow

test('axe finds nothing against WCAG 2.2 AA in any view or dialog, at rest and in a running story, light and dark', {
  timeout: 2 * JOURNEY_MS,
}, async () => {
  alice = await withMessages(app())
  const found: string[] = []
  const look = async (where: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await alice.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const fault of await faultsOf(alice.page, colorScheme)) found.push(`${where}, ${colorScheme}: ${fault}`)
    }
    await alice.page.emulateMedia({ colorScheme: 'light' })
  }
  await look('Tour')
  await alice.skipTour()
  for (const view of views) {
    await openView(alice, view)
    await look(`${view} at rest`)
  }
  for (const dialog of dialogs) {
    await alice.more(dialog)
    await look(dialog)
    await alice.page.keyboard.press('Escape')
  }
  await alice.page.keyboard.press('Control+k')
  await alice.page.keyboard.type('bridge')
  await alice.dialog.getByText('1 found.').waitFor()
  await look('Search')
  await alice.page.keyboard.press('Escape')

  await underTheCensor(alice)
  for (const view of views) {
    await openView(alice, view)
    await look(`${view} in a story`)
  }
  expect(found).toEqual([])
})

test('at 320 px and at 200 % nothing lies beyond the sides of the window, in any view or dialog, in any language', {
  timeout: 2 * JOURNEY_MS,
}, async () => {
  const found: string[] = []
  for (const locale of ['en', 'pseudo', 'fa'] as const) {
    const page = spoken(alice, locale)
    await page.choose()
    for (const size of sizes) {
      await alice.page.setViewportSize(size)
      const look = async (where: string) => {
        for (const fault of await beyondTheSides(alice.page)) found.push(`${where}, ${locale}, ${size.width} px: ${fault}`)
      }
      for (const view of views) {
        await page.open(view)
        await look(view)
      }
      for (const dialog of ['settings', 'keyboardHelp', 'addPerson'] as const) {
        await page.more(dialog)
        await look(dialog)
        await alice.page.keyboard.press('Escape')
      }
    }
    await alice.page.setViewportSize({ width: 1280, height: 800 })
  }
  expect(found).toEqual([])
})

test('in Persian the page runs right to left, and neither there nor in longer words is the key of a text to be read', {
  timeout: JOURNEY_MS,
}, async () => {
  for (const locale of ['fa', 'pseudo'] as const) {
    const page = spoken(alice, locale)
    await page.choose()
    expect(await alice.page.locator('html').getAttribute('dir')).toBe(locale === 'fa' ? 'rtl' : 'ltr')
    for (const view of views) {
      await page.open(view)
      expect(await keysIn(alice.page), `${view} in ${locale}`).toEqual([])
      expect(await alice.page.getByText(catalogues[locale].common?.paneFailed ?? '', { exact: true }).count()).toBe(0)
    }
    for (const dialog of ['settings', 'keyboardHelp', 'addPerson', 'myCard'] as const) {
      await page.more(dialog)
      expect(await keysIn(alice.page), `${dialog} in ${locale}`).toEqual([])
      await alice.page.keyboard.press('Escape')
    }
  }
  // The views stand at the reader's start edge, and the writer of a message at the end.
  await spoken(alice, 'fa').choose()
  const rail = await alice.page.getByRole('navigation').boundingBox()
  expect(rail?.x).toBeGreaterThan(1_000)
})

/** Words of every kind: short, long without a break, right to left, a link and what came from the other side. */
async function withMessages(app: WebApp): Promise<AppWindow> {
  const alice = appWindow(await app.openWindow('alice'))
  const bob = appWindow(await app.openWindow('bob'))
  await alice.openChat('bob')
  for (const text of ['Shall we meet at the bridge?', 'سلام بابک، خوبی؟', 'https://example.org/a/rather/long/address', 'x'.repeat(200)]) {
    await alice.write(text)
  }
  await bob.openChat('alice')
  await bob.write('At noon.')
  await reads(alice.message('At noon.'), 'At noon.')
  await reads(alice.message('Shall we meet'), 'Read')
  return alice
}

/** Russia, until a detour is in use and the story stands still. */
async function underTheCensor(alice: AppWindow): Promise<void> {
  const lab = labPage(alice)
  await lab.tryStory('Russia, April 2018')
  await lab.pause()
  await lab.goTo('Drops the service’s own addresses')
  await reads(alice.header, /Switched to|by a detour/)
}

async function openView(window: AppWindow, view: (typeof views)[number]): Promise<void> {
  await window.open(view)
  await settled(window.page, view)
}

/** Drawn, and the relay's answer there. */
async function settled(page: Page, view: (typeof views)[number]): Promise<void> {
  const main = page.getByRole('main')
  await main.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
  if (view === 'Relay') await main.getByRole('table').first().waitFor()
}

/** The window of somebody who reads this language: by its words. */
function spoken({ page }: AppWindow, locale: Locale) {
  const say = (key: keyof typeof catalogues.en.common) => catalogues[locale].common?.[key] ?? ''
  return {
    /** Settings are the same shortcut in every language, and each language is named in itself. */
    async choose() {
      await page.keyboard.press('Control+,')
      const radios = page.getByRole('dialog').getByRole('group').nth(1).getByRole('radio')
      await radios.nth((['en', 'fa', 'pseudo'] as const).indexOf(locale) + 1).click()
      await page.keyboard.press('Escape')
      await expect.poll(() => page.locator('html').getAttribute('lang')).toBe(locale === 'pseudo' ? 'en-x-pseudo' : locale)
    },
    async open(view: (typeof views)[number]) {
      await page
        .getByRole('navigation')
        .getByRole('button', { name: say(`view${view}`) })
        .click()
      await settled(page, view)
    },
    async more(item: 'settings' | 'keyboardHelp' | 'addPerson' | 'myCard') {
      await page
        .getByRole('navigation')
        .getByRole('button', { name: say('more') })
        .click()
      await page.getByRole('menuitem', { name: say(item) }).click()
      await page.getByRole('dialog').waitFor()
    },
  }
}

/** Everything in the light; in the dark only what the light decides. */
async function faultsOf(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  const { violations } = await (colorScheme === 'light' ? axe.withTags(tags) : axe.withRules(['color-contrast'])).analyze()
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join('\n')}`,
  )
}

/** What cannot be reached because it lies left or right of the window, and is in nothing that scrolls. */
function beyondTheSides(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, scrollLeft } = document.documentElement
    const found = scrollWidth > innerWidth || scrollLeft !== 0 ? [`the page is ${scrollWidth} px wide`] : []
    const scrolls = (element: Element | null): boolean =>
      element !== null && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (
        !(element instanceof HTMLElement) ||
        !element.checkVisibility() ||
        element.closest('.hidden-text') ||
        scrolls(element.parentElement)
      )
        continue
      const { left, right, width } = element.getBoundingClientRect()
      if (width > 1 && (left < -1 || right > innerWidth + 1)) {
        found.push(`${element.tagName} ${element.className} from ${Math.round(left)} to ${Math.round(right)}`)
      }
    }
    return found
  })
}

/** Keys nobody would write as a word; what is drawn and what is only read aloud. */
async function keysIn(page: Page): Promise<string[]> {
  const keys = new Set(
    Object.values(catalogues.en).flatMap((catalogue) => Object.keys(catalogue).map((key) => key.replace(/_[a-z]+$/, ''))),
  )
  const words = await page.evaluate(() => {
    const named = [...document.querySelectorAll('[aria-label], [title], [placeholder]')]
    const names = named.flatMap((element) => ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? ''))
    return [document.body.innerText, ...names].join('\n').split(/\s+/)
  })
  return words.filter((word) => /[.A-Z]/.test(word.slice(1)) && keys.has(word))
}
