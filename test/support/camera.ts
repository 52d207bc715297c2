/** Pictures of a window as different people have it, for test/e2e/screens.ts. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { root } from './app-program.ts'

export const screens = join(root, 'test-results', 'screens')

/** Light, dark, in forced colours, at 320 px, enlarged to 200 %, and right to left. */
export async function everywhere(page: Page, name: string): Promise<void> {
  await shoot(page, name)
  await looks(page, { dark: true })
  await shoot(page, `${name}-dark`)
  await page.emulateMedia({ forcedColors: 'active' })
  await shoot(page, `${name}-forced-dark`)
  await page.emulateMedia({ forcedColors: 'none' })
  await looks(page, { width: 320, height: 640 })
  await shoot(page, `${name}-320`)
  await looks(page, { width: 640, height: 400 })
  await shoot(page, `${name}-200-percent`)
  await looks(page)
  if ((await page.getByRole('dialog').count()) > 0) return
  await speak(page, 1)
  await shoot(page, `${name}-fa`)
  await looks(page, { width: 320, height: 640 })
  await shoot(page, `${name}-fa-320`)
  await looks(page)
  await speak(page, 0)
}

export async function looks(page: Page, { width = 1280, height = 800, dark = false } = {}): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
}

/** `language`: which of the settings after "as the system". */
export async function speak(page: Page, language: number): Promise<void> {
  await page.keyboard.press('Control+,')
  await page
    .getByRole('dialog')
    .getByRole('group')
    .nth(1)
    .getByRole('radio')
    .nth(language + 1)
    .click()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator(`html[lang="${language === 1 ? 'fa' : 'en'}"]`).waitFor({ state: 'attached' })
}

export async function shoot(page: Page, name: string): Promise<void> {
  await page.getByRole('main').getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(screens, `${name}.png`), animations: 'disabled' })
}
