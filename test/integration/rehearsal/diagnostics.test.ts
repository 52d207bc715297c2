/**
 * What a person exports after real rounds in the lab: the file fits its schema, tells nothing it must not, its evidence gives its verdicts,
 * and beside the file of somebody who stands elsewhere it says what decides.
 */
import * as v from 'valibot'
import { expect, onTestFinished, test } from 'vitest'
import { recompute } from '../../../electron/core/export/recompute.ts'
import { createRehearsal } from '../../../rehearsal/rehearsal.ts'
import { Diagnostics } from '../../../shared/contract/diagnostics.ts'
import type { Plane } from '../../../shared/contract/path.ts'

test.each([
  ['france-2023', 'interference'],
  ['sni-drop', 'interference'],
  ['captive-portal', 'captive_portal'],
] as const)('%s', { timeout: 180_000 }, async (scenario, kind) => {
  const here = await createRehearsal({ seed: 7, tuning: { planeCheckMs: 4000 }, onTrouble: () => {} })
  onTestFinished(() => here.close())
  const [alice, bob] = [here.person('alice').core, here.person('bob').core]
  await here.run(2000)
  await here.until(here.lab.call('lab.play', { scenario, client: 'alice' }))
  const [mine, theirs] = [await here.until(alice.call('self.get', {})), await here.until(bob.call('self.get', {}))]
  const said = 'Meet me at the canary at noon'
  await here.until(alice.call('contact.add', { card: theirs.card })).catch(() => {})
  await here.until(alice.call('message.send', { id: 'c0ffee00-0000-4000-8000-000000000001', chatId: 'cloud:bob', text: said }))
  const keys = [mine, theirs].map(({ card }) => card.split(':')[1] ?? card)
  let plane: Plane | undefined
  for (let n = 0; n < 8 && !plane; n++) {
    await here.run(4000)
    const { text } = await here.until(alice.call('path.export', {}))
    const { test_keys: found } = v.parse(Diagnostics, JSON.parse(text))
    expect(/.{0,40}(alice|\bbob\b|lab:|hand-).{0,40}/.exec(text)?.[0]).toBeUndefined()
    for (const secret of [...keys, said, 'canary', 'c0ffee00']) expect(text).not.toContain(secret)
    for (const { plane: of, kind: computed, mechanisms, confidence, word, place, evidence } of recompute(
      v.parse(Diagnostics, JSON.parse(text)),
    )) {
      expect(found.planes[of]).toMatchObject({ kind: computed, mechanisms, confidence, word, place })
      const rules = (lines: readonly { rule: string; level: string }[] = []) => lines.map(({ rule, level }) => `${rule} ${level}`)
      expect(rules(found.planes[of]?.evidence)).toEqual(rules(evidence))
    }
    plane = found.history.find((line) => line.kind === kind && line.end === 'open')?.plane
  }
  const { text } = await here.until(bob.call('path.export', {}))
  const compared = await here.until(alice.call('path.compare', { text }))
  if (compared.outcome !== 'compared') throw new Error(compared.reason)
  const beside = compared.planes.find((one) => one.plane === plane)
  expect(beside).toMatchObject({ isSame: false, mine: { kind }, theirs: { kind: 'ok' } })
  expect(beside?.differences.length).toBeGreaterThan(0)
  if (kind === 'interference') expect(beside?.differences[0]?.decides).toBe(true)
})
