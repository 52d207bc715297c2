/** What holds of every race, whatever is blocked and however long round trips are. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidate, Choices } from '../../../electron/core/reach/candidates.ts'
import { plan } from '../../../electron/core/reach/plan.ts'
import { choices, endpoint, type Fate, play, proxies } from './race-world.ts'

const DEEP = Number(process.env.THROUGHLINE_RUNS ?? 1)
const STARTED_MS = 2_000

const fate: fc.Arbitrary<Exclude<Fate, 'works'>> = fc.record({
  at: fc.constantFrom('reach', 'encrypt', 'recognise'),
  reason: fc.constantFrom('silence', 'reset', 'refused', 'unreachable', 'closed', 'certificate', 'unproven', 'denied', 'failed'),
})
const world = fc.record({
  siblings: fc.nat(4),
  proxies: fc.nat(24),
  /** Places in the list of ways: of the one that works, and of what is remembered. */
  works: fc.nat(1_000),
  remembered: fc.option(fc.nat(1_000)),
  round: fc.nat(5),
  s: fc.integer({ min: 80, max: 250 }),
  isUrgent: fc.boolean(),
  /** Of the ways, in turn. */
  rtts: fc.array(fc.integer({ min: 5, max: 600 }), { minLength: 1, maxLength: 20 }),
  fates: fc.array(fate, { minLength: 1, maxLength: 30 }),
  abortAtMs: fc.integer({ min: 0, max: 12_000 }),
})
type World = typeof world extends fc.Arbitrary<infer W> ? W : never

function laidOut(w: World) {
  const siblings = Array.from({ length: w.siblings }, (_, i) => endpoint(`s${i}`, `s${i}.test`, `240.18.${i}.10`, `240.18.${i}.11`))
  const base: Partial<Choices> = { endpoints: [...choices().endpoints, ...siblings], proxies: proxies(w.proxies), round: w.round }
  const ways = plan(choices(base), { s: w.s, isUrgent: w.isUrgent }).map(({ candidate }) => candidate.text)
  const at = (index: number) => ways[index % ways.length] ?? ''
  const order = (candidate: Candidate) => Math.max(0, ways.indexOf(candidate.text))
  return {
    changes: { ...base, remembered: w.remembered === null ? [] : [at(w.remembered)] },
    chosen: at(w.works),
    fateOf: (candidate: Candidate): Fate => w.fates[order(candidate) % w.fates.length] ?? 'works',
    rtt: (candidate: Candidate) => w.rtts[order(candidate) % w.rtts.length] ?? 80,
  }
}

describe('a race', () => {
  it('starts the one way that works within two seconds and wins by it, and then leaves nothing else open and no timer', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.constantFrom(0, 1_800_000_000_000), async (w, startAt) => {
        const { changes, chosen, fateOf, rtt } = laidOut(w)
        const fates = (candidate: Candidate): Fate => (candidate.text === chosen ? 'works' : fateOf(candidate))
        const { won, startedMs, open, pending } = await play(fates, changes, w.s, w.isUrgent, { rtt, startAt })
        expect(startedMs.get(chosen)).toBeLessThanOrEqual(STARTED_MS)
        expect(won?.candidate.text).toBe(chosen)
        expect({ open, pending }).toEqual({ open: 1, pending: 0 })
      }),
      { numRuns: 300 * DEEP },
    )
  })

  it('starts every way within two seconds while nobody answers, however many there are', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (w) => {
        const { changes, rtt } = laidOut(w)
        const { startedMs } = await play(() => ({ at: 'reach', reason: 'silence' }), changes, w.s, w.isUrgent, { rtt })
        const ways = plan(choices(changes), { s: w.s, isUrgent: w.isUrgent })
        expect(startedMs.size).toBe(ways.length)
        expect(Math.max(...startedMs.values())).toBeLessThanOrEqual(STARTED_MS)
      }),
      { numRuns: 60 * DEEP },
    )
  })

  it('leaves nothing open and no timer when it is given up, at whatever moment', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (w) => {
        const { changes, fateOf, rtt } = laidOut(w)
        const { won, open, pending } = await play(fateOf, changes, w.s, w.isUrgent, { rtt, abortAtMs: w.abortAtMs })
        expect({ won, open, pending }).toEqual({ won: null, open: 0, pending: 0 })
      }),
      { numRuns: 200 * DEEP },
    )
  })

  it('never shows the same name to the same address again after a reset, a close or silence in answer to it', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (w) => {
        const twice = endpoint('a', 'chat.test', '240.16.0.10', '240.16.0.11')
        const { changes, fateOf, rtt } = laidOut(w)
        // The same host at two ports: to a box that blocks by name and address they are alike.
        const endpoints = [...(changes.endpoints ?? []), { ...twice, id: 'a2', port: 8443 }]
        const { race } = await play(fateOf, { ...changes, endpoints }, w.s, w.isUrgent, { rtt })
        const cut = new Map<string, number>()
        for (const { recipe, startMs, phases } of [...race.attempts()].sort((a, b) => a.startMs - b.startMs)) {
          if (recipe.includes('socks5')) continue
          const shown = recipe.replace(/:\d+ /, ' ')
          expect(startMs).toBeLessThanOrEqual(cut.get(shown) ?? Number.POSITIVE_INFINITY)
          const last = phases.at(-1)
          const isCut = last?.phase === 'encrypt' && ['reset', 'closed', 'timeout'].includes(last.reason ?? '')
          if (isCut) cut.set(shown, Math.min(cut.get(shown) ?? Number.POSITIVE_INFINITY, startMs + (last.endMs ?? 0)))
        }
      }),
      { numRuns: 60 * DEEP },
    )
  })
})
