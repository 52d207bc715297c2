/** A bad line is no censor: under loss, or with long round trips, and nothing blocked, nothing is called blocked. */
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, it, onTestFinished } from 'vitest'
import { createDiagnosis } from '../../../electron/core/diagnose/index.ts'
import { networkSenses } from '../../../electron/core/diagnose/network-senses.ts'
import { Condition } from '../../../lab/engine/condition.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { memoryWorld } from './memory-world.ts'

const DEEP = Number(process.env.THROUGHLINE_RUNS ?? 1)
const MINUTE_MS = 60_000

/** Resolves with how the first connect went, what was ever said of the chat plane, and by which way it goes in the end. */
async function connectOver(line: { addMs: number; jitterMs: number; loss: number }, seed: number, lastsMs: number) {
  const world = await memoryWorld([], undefined, seed)
  const { lab, clock, network } = world
  lab.conditions.start(v.parse(Condition, { do: 'line', id: 'line', label: 'line', places: ['nl-a'], ...line }))
  const { reach } = world.reach()
  const said = new Set<string>()
  const diagnosis = createDiagnosis({
    network,
    senses: networkSenses({ network, clock, random: seededRandom(seed), bundle: reach.bundle }),
    clock,
    random: seededRandom(seed),
    bundle: reach.bundle,
    relayAlive: () => reach.link.online,
    clockSkewMs: () => null,
    planeCheckMs: MINUTE_MS,
  })
  onTestFinished(() => diagnosis.close())
  reach.onObservation(diagnosis.observe)
  diagnosis.onVerdicts((verdicts) => {
    for (const { plane, kind } of verdicts) said.add(`${plane} ${kind}`)
  })
  diagnosis.start()
  await world.until(() => reach.link.online, MINUTE_MS)
  const { route } = reach.state()
  await lab.run(lastsMs)
  return { first: route?.kind, last: reach.state().route?.kind, said: [...said] }
}

const accusations = (said: readonly string[]) => said.filter((line) => line.endsWith('interference'))

it('a round trip of up to 1.5 s: the plain path wins at once, and nothing is called blocked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1_500 }), fc.nat(1_000), async (addMs, seed) => {
      const { first, said } = await connectOver({ addMs, jitterMs: 0, loss: 0 }, seed, 20_000)
      expect([first, accusations(said)]).toEqual(['plain', []])
    }),
    { numRuns: 3 * DEEP, endOnFailure: true },
  )
}, 60_000)

it.each([
  { addMs: 0, jitterMs: 0, loss: 0.05 },
  { addMs: 400, jitterMs: 200, loss: 0.1 },
  { addMs: 0, jitterMs: 0, loss: 0.2 },
])('$addMs ms longer, $loss of packets lost each way: nothing is called blocked', { timeout: 60_000 }, async (line) => {
  const { said } = await connectOver(line, 1, MINUTE_MS)
  expect(accusations(said)).toEqual([])
})
