/** A censor that learns, with a small budget and with a large one: what it does is seen, and the app stays connected or says why not. */
import { test } from 'vitest'
import { inTwoWindows, JOURNEY_MS } from '../support/app-journey.ts'
import { labPage } from '../support/app-lab.ts'
import { RETURN_MS, reads, textOf } from '../support/app-window.ts'

/** A play takes as long as its moves do. */
const PLAY_MS = 120_000

test('a small budget leaves a detour open; a large one shuts every way, and stopping it gives everything back', {
  timeout: 2 * JOURNEY_MS,
}, async () => {
  await inTwoWindows(async ({ alice }) => {
    await alice.open('Lab')
    const lab = labPage(alice)
    const { learning } = lab
    const begin = async (budget: number) => {
      await learning.getByRole('slider', { name: 'Its budget' }).fill(String(budget))
      await learning.getByRole('combobox', { name: 'Pace' }).selectOption('fast')
      await learning.getByRole('button', { name: 'Let it begin' }).click()
    }
    await begin(0)
    await reads(learning, "It may break no stranger's service.")
    await reads(lab.record, 'Drops 240.149.167.50', PLAY_MS)
    await reads(learning, 'Measured: no stranger fell.')
    await reads(alice.header, /^Connected|^Messages work|Switched to .+; nothing was lost\./)
    await reads(lab.cost, "No stranger's service is down.")
    await reads(lab.record, /Opens 2 more entrances in/, PLAY_MS)
    await reads(lab.clocks, 'A plain client at the same place')

    // Looking back: the gates as they stood when it only lied.
    await lab.lanes
      .getByRole('button', { name: /^Censor/ })
      .first()
      .click()
    await reads(lab.map, 'Lies in name lookup')
    await alice.page.getByRole('button', { name: 'Back to now' }).click()
    await learning.getByRole('button', { name: 'Stop it and lift everything' }).click()
    await reads(lab.map, /^(?!.*Drops single addresses)/)

    await begin(12)
    await reads(learning, "It may break at most 12 strangers' services.")
    await reads(lab.record, /Drops (the whole range|240\.)/, PLAY_MS)
    await reads(learning, 'All the ways it found are shut.', PLAY_MS)
    await reads(alice.header, /Trying other routes\.|Cannot connect|Messages wait here\./, PLAY_MS)
    // Whether it needs a range for that follows from which ways it comes to see; a range it drops is paid for by strangers.
    if ((await textOf(lab.record)).includes('Drops the whole range')) {
      await reads(lab.cost, /\d+ stranger('s service is|s' services are) down\./)
    }
    await lab.free.getByRole('button', { name: 'Stop and put everything back' }).click()
    await reads(alice.header, /^(Connected|The plain path answers again)/, RETURN_MS)
  })
})
