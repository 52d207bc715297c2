/** Whether what the app said is what the scenario says must come out. */
import { describe, expect, it } from 'vitest'
import { judgeSteps, type Sample } from '../../../electron/host/lab-run/verdict-watch.ts'
import type { Mechanism, VerdictKind } from '../../../shared/contract/path.ts'
import type { ExpectedVerdict } from '../../../shared/protocol/processes.ts'

const expected: ExpectedVerdict = {
  byMs: 1000,
  untilMs: 5000,
  vantage: 'fr-a',
  plane: 'links',
  kind: 'interference',
  mechanisms: ['dns_lie'],
  mayName: ['dns_injection'],
}
const said = (atMs: number, kind: VerdictKind, mechanisms: Mechanism[] = [], vantage = 'fr-a'): Sample => ({
  atMs,
  vantage,
  verdicts: [{ plane: 'links', kind, mechanisms }],
})
const judge = (...samples: Sample[]) => judgeSteps([expected], samples)

describe('a step', () => {
  it('is met when it was said in time and stood until the end', () => {
    expect(judge(said(0, 'ok'), said(900, 'interference', ['dns_lie']))).toMatchObject({
      ok: true,
      steps: [{ ok: true, observed: 'interference dns_lie' }],
    })
  })

  it('may name what the scenario allows, and no more', () => {
    expect(judge(said(0, 'interference', ['dns_lie', 'dns_injection'])).ok).toBe(true)
    expect(judge(said(0, 'interference', ['dns_lie', 'sni_reset'])).ok).toBe(false)
    expect(judge(said(0, 'interference', ['dns_injection'])).ok).toBe(false)
  })

  it.each([
    ['never said', [said(0, 'ok')]],
    ['said too late', [said(0, 'ok'), said(1001, 'interference', ['dns_lie'])]],
    ['said and taken back before its time', [said(0, 'interference', ['dns_lie']), said(800, 'ok')]],
    ['taken back before the end', [said(0, 'interference', ['dns_lie']), said(4000, 'ok')]],
    ['said elsewhere only', [said(0, 'interference', ['dns_lie'], 'nl-a')]],
    ['not sampled at all', []],
  ])('is not met when it was %s', (_why, samples) => expect(judge(...samples).ok).toBe(false))

  it('is not contradicted by being undecided in between or at the end', () => {
    expect(judge(said(0, 'interference', ['dns_lie']), said(3000, 'inconclusive')).ok).toBe(true)
  })

  it('is met although it was taken back for a moment, also at the very deadline', () => {
    expect(judge(said(0, 'interference', ['dns_lie']), said(800, 'ok'), said(1200, 'interference', ['dns_lie'])).ok).toBe(true)
  })

  it('is not contradicted by what is said after its time', () => {
    expect(judge(said(0, 'interference', ['dns_lie']), said(5001, 'ok')).ok).toBe(true)
  })
})
