/** A bad line is no censor: under loss, or with long round trips, and nothing blocked, the plain path carries and nothing is called blocked. */
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
const HOLD_MS = 30_000

/** Resolves with how the first connect went, what was ever said, and whether the plain path carried within the time. */
async function connectOver(line: { addMs: number; jitterMs: number; loss: number }, seed: number, lastsMs: number) {
  const world = await memoryWorld([], undefined, seed)
  const { lab, clock, network } = world
  lab.conditions.start(v.parse(Condition, { do: 'line', id: 'line', label: 'line', places: ['nl-a'], ...line }))
  const { reach } = world.reach({ tuning: { returnHoldMs: HOLD_MS } })
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
    for (const { plane, kind, mechanisms } of verdicts) said.add(`${plane} ${kind} ${mechanisms}`)
  })
  diagnosis.start()
  let isPlain = false
  reach.onState(() => {
    isPlain ||= reach.state().route?.kind === 'plain'
  })
  await world.until(() => reach.link.online, MINUTE_MS)
  const { route } = reach.state()
  await lab.run(lastsMs)
  return { first: route?.kind, isPlain, accusations: [...said].filter((each) => each.includes('interference')) }
}

it('a round trip of up to 1.5 s: the plain path wins at once, and nothing is called blocked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1_500 }), fc.nat(1_000), async (addMs, seed) => {
      const { first, accusations } = await connectOver({ addMs, jitterMs: 0, loss: 0 }, seed, 20_000)
      expect([first, accusations]).toEqual(['plain', []])
    }),
    { numRuns: 3 * DEEP, endOnFailure: true },
  )
}, 60_000)

it.each([
  { addMs: 0, jitterMs: 0, loss: 0.05, seeds: 3 },
  { addMs: 400, jitterMs: 200, loss: 0.1, seeds: 3 },
  { addMs: 0, jitterMs: 0, loss: 0.2, seeds: 3 },
  { addMs: 700, jitterMs: 0, loss: 0.1, seeds: 2 },
  { addMs: 700, jitterMs: 0, loss: 0.2, seeds: 1 },
  { addMs: 1_400, jitterMs: 0, loss: 0.2, seeds: 1 },
])(
  '$addMs ms longer, $loss of packets lost each way: the plain path carries in the end, and nothing is called blocked',
  {
    timeout: 120_000,
  },
  async ({ seeds, ...line }) => {
    for (let seed = 1; seed <= seeds * DEEP; seed++) {
      const { isPlain, accusations } = await connectOver(line, seed, 8 * MINUTE_MS)
      expect([seed, isPlain, accusations]).toEqual([seed, true, []])
    }
  },
)
