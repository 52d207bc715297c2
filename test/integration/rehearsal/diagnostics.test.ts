/** What a person exports after real rounds in the lab: the file fits its schema, tells nothing it must not, and its evidence gives its verdicts. */
import * as v from 'valibot'
import { expect, onTestFinished, test } from 'vitest'
import { recompute } from '../../../electron/core/export/recompute.ts'
import { createRehearsal } from '../../../rehearsal/rehearsal.ts'
import { Diagnostics } from '../../../shared/contract/diagnostics.ts'

const stories = {
  'france-2023': ['interference', 30_000],
  'sni-drop': ['interference', 25_000],
  'dns-injection': ['interference', 20_000],
  'captive-portal': ['captive_portal', 20_000],
  'clock-ahead': ['clock_wrong', 20_000],
} as const

test.each(Object.entries(stories))(
  '%s: the verdicts of the file are those of its evidence',
  { timeout: 90_000 },
  async (scenario, [kind, ms]) => {
    const here = await createRehearsal({ seed: 7, tuning: { planeCheckMs: 5000 }, onTrouble: () => {} })
    onTestFinished(() => here.close())
    const { core } = here.person('alice')
    await here.run(3000)
    await here.until(here.lab.call('lab.play', { scenario, client: 'alice' }))
    const seen = new Set<string | undefined>()
    for (let at = 0; at < ms; at += 5000) {
      await here.run(5000)
      const { text } = await here.until(core.call('path.export', {}))
      const file = v.parse(Diagnostics, JSON.parse(text))
      for (const { plane, kind: computed, mechanisms, confidence, word, place, evidence } of recompute(file)) {
        const written = file.test_keys.planes[plane]
        seen.add(written?.kind)
        expect(written).toMatchObject({ kind: computed, mechanisms, confidence, word, place })
        const rules = (lines: readonly { rule: string; level: string }[] = []) => lines.map(({ rule, level }) => `${rule} ${level}`)
        expect(rules(written?.evidence)).toEqual(rules(evidence))
      }
      expect(/.{0,40}(alice|\bbob\b|lab:|hand-).{0,40}/.exec(text)?.[0]).toBeUndefined()
    }
    expect([...seen]).toContain(kind)
    const { lines } = await here.until(core.call('history.get', {}))
    expect(lines.map((line) => line.kind)).toContain(kind)
  },
)
