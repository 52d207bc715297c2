/** One window of the app as its person finds things in it: by role and by the name that is read, never by markup. */
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { PATIENCE_MS } from './app-program.ts'

export type View = 'Chats' | 'Path' | 'Lab' | 'Relay'
export type AppWindow = ReturnType<typeof appWindow>

export function appWindow(page: Page) {
  const views = page.getByRole('navigation', { name: 'Views' })
  const chats = page.getByRole('region', { name: 'Chats' })
  const messages = page.getByRole('list', { name: 'Messages' })
  const message = (text: string | RegExp) => messages.getByRole('listitem').filter({ hasText: text })
  const composer = page.getByRole('region', { name: 'Write a message' })
  const rowsOf = (name: string) => chats.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
  const secretWord = page.getByText('Secret', { exact: true })
  /** The cloud chat with somebody; the secret one is a row of its own. */
  const chatRow = (name: string) => rowsOf(name).filter({ hasNot: secretWord })
  const secretRow = (name: string) => rowsOf(name).filter({ has: secretWord })
  const open = (view: View) => views.getByRole('button', { name: view }).click()
  const openChat = async (name: string) => {
    await open('Chats')
    await chatRow(name).getByRole('button').click()
  }
  const more = async (item: 'Add a person' | 'Your card' | 'Another computer' | 'Settings' | 'Help and shortcuts') => {
    await views.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  return {
    page,
    views,
    chats,
    /** Always in sight: how we are connected. */
    header: page.getByRole('region', { name: 'Connection', exact: true }),
    /** Says in a rehearsal that it is one. */
    strip: page.getByRole('contentinfo'),
    tour: page.getByRole('complementary', { name: 'Tour' }),
    dialog: page.getByRole('dialog'),
    messages,
    message,
    composer,
    /** Where one writes in the open chat. */
    box: composer.getByRole('textbox'),
    chatRow,
    secretRow,
    open,
    openChat,
    /** Through the button and the system's own dialog. */
    async attach(file: { name: string; mimeType: string; buffer: Buffer }) {
      const chooser = page.waitForEvent('filechooser')
      await composer.getByRole('button', { name: 'Attach files' }).click()
      await (await chooser).setFiles(file)
    },
    async write(text: string) {
      await composer.getByRole('textbox').fill(text)
      await composer.getByRole('textbox').press('Enter')
    },
    more,
    /** What others need to add this person: `handle:key`. */
    async card() {
      await more('Your card')
      const dialog = page.getByRole('dialog')
      const card = /[a-z]+:[\w-]{43}/
      await reads(dialog, card)
      const [text = ''] = card.exec(await textOf(dialog)) ?? []
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      return text
    },
    /** Alice's first window offers the tour; who knows the way does without. */
    async skipTour() {
      await page.getByRole('button', { name: 'Skip the tour' }).click()
    },
  }
}

/** The plain path is tested ever more rarely while it fails, up to every 72 seconds in a rehearsal, and is moved to 20 seconds later. */
export const RETURN_MS = 180_000

/** Waits until the plain path is in use again: moved to at once where the app offers it, unless it went by itself before. */
export async function returns({ header }: AppWindow): Promise<void> {
  const move = header.getByRole('button', { name: 'Move now' })
  const said = async () => {
    if (await move.isVisible()) await move.click({ timeout: 1_000 }).catch(() => {})
    return textOf(header)
  }
  await expect.poll(said, { timeout: RETURN_MS, interval: 100 }).toMatch(/^Connected\.$/)
}

/** Notes all that is read at a place that stays, however briefly, from now until it is asked for. */
export async function notes(place: Locator): Promise<() => Promise<string>> {
  const said = await place.evaluateHandle((element) => {
    const all: string[] = []
    const note = () => void (element instanceof HTMLElement && all.push(element.innerText))
    note()
    new MutationObserver(note).observe(element, { childList: true, subtree: true, characterData: true })
    return all
  })
  return async () => (await said.evaluate((all) => [...new Set(all)])).map(onOneLine).join('\n')
}

/** Waits until what is read there holds, or fits, these words. */
export async function reads(place: Locator, words: string | RegExp, patienceMs = PATIENCE_MS): Promise<void> {
  const seen = expect.poll(() => textOf(place), { timeout: patienceMs, interval: 100 })
  await (typeof words === 'string' ? seen.toContain(words) : seen.toMatch(words))
}

/** What is read there now, on one line, without the marks that keep writing directions apart. */
export async function textOf(place: Locator): Promise<string> {
  return onOneLine((await place.allInnerTexts()).join(' '))
}

function onOneLine(text: string): string {
  return text
    .replaceAll(/[\u2066-\u2069]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
