/** The Lab view of a window, as its person uses it: choosing a story, playing the censor, reading what happened. */
import { expect } from 'vitest'
import { PATIENCE_MS } from './app-program.ts'
import { type AppWindow, textOf } from './app-window.ts'

export function labPage({ page, dialog, open }: AppWindow) {
  const story = (title: string) =>
    page
      .getByRole('region', { name: 'Stories that happened' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name: title }) })
  const record = page.getByRole('region', { name: 'Move record' })
  /** By key: what the move before brought may push the button away from under a mouse. */
  const nextMove = () => page.getByRole('button', { name: 'Next move' }).press('Enter')
  return {
    story,
    /** For the person of this window, unless another name is given. */
    async tryStory(title: string, who?: string) {
      await open('Lab')
      await story(title)
        .getByRole('button', { name: /^Try this/ })
        .click()
      if (who) await dialog.getByRole('radio', { name: who }).check()
      await dialog.getByRole('button', { name: 'Start' }).click()
    },
    running: (title: string) => page.getByRole('region', { name: title }),
    /** A plain client beside this app. */
    clocks: page.getByRole('region', { name: 'Two clients at one place' }),
    /** From then on nothing happens by itself. */
    async pause() {
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByRole('button', { name: 'Go on' }).waitFor()
    },
    /** Makes the story's moves at once, one by one, up to the one that reads so; paused it stays paused. */
    async goTo(words: string) {
      const step = page.getByText(/^Move \d+ of \d+$/)
      while (!(await textOf(record)).includes(words)) {
        const before = await textOf(step)
        await nextMove()
        await expect.poll(() => textOf(step), { timeout: PATIENCE_MS }).not.toBe(before)
      }
    },
    /** Makes all moves that are left of a paused story at once, and turns its clock to the end. */
    async goToEnd(title: string) {
      const bar = page.getByRole('region', { name: title })
      for (let before = await textOf(bar); !before.includes('The story is over'); before = await textOf(bar)) {
        await nextMove()
        await expect.poll(() => textOf(bar)).not.toBe(before)
      }
    },
    /** Puts the story's person somewhere else. */
    standIn: (place: string) => page.getByRole('combobox', { name: /stands in$/ }).selectOption({ label: place }),
    /** So many milliseconds into the run. */
    lookBackTo: (atMs: number) => page.getByRole('slider', { name: 'Look back' }).fill(String(atMs)),
    goOn: () => page.getByRole('button', { name: 'Go on' }).click(),
    stop: () => page.getByRole('button', { name: 'Stop and put everything back' }).click(),
    record,
    /** The cards of the move record, each a button with its side and its words. */
    moves: record.getByRole('button'),
    cost: page.getByRole('region', { name: 'What it cost' }),
    censor: page.getByRole('region', { name: 'Your move' }),
    /** The censor that learns. */
    learning: page.getByRole('region', { name: 'A censor that learns' }),
    lanes: page.getByRole('region', { name: 'Moves in time' }),
    free: page.getByRole('region', { name: /^(Free play|The adaptive censor)$/ }),
    truth: page.getByRole('region', { name: 'Truth card' }),
    map: page.getByRole('region', { name: 'The simulated internet' }),
  }
}
