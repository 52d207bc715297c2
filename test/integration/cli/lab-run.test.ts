/** The historic scenarios, headless and real: they come out as documented, and the same run fails once the censor is taken out of it. */
import * as v from 'valibot'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildPrograms, runCommand } from '../../support/command-line.ts'

const RUN_MS = 180_000

const Part = { ok: v.boolean() }
/** The shape that benchmarks and other projects rely on. */
const Report = v.looseObject({
  scenario: v.string(),
  seed: v.number(),
  truth: v.looseObject({ ...Part, checks: v.array(v.looseObject({ id: v.string(), ok: v.boolean() })) }),
  delivery: v.looseObject({
    ...Part,
    sent: v.number(),
    delivered: v.number(),
    lost: v.number(),
    duplicated: v.number(),
    maxGapMs: v.number(),
  }),
  verdicts: v.looseObject({
    ...Part,
    steps: v.array(v.looseObject({ at: v.number(), vantage: v.string(), plane: v.string(), expected: v.string(), observed: v.string() })),
  }),
  moves: v.array(v.strictObject({ at: v.number(), side: v.string(), move: v.string(), effect: v.string() })),
  path: v.nullable(v.string()),
  connectMs: v.number(),
  plain: v.strictObject({ connected: v.boolean(), ms: v.number() }),
  collateral: v.array(v.looseObject({ name: v.string(), cloud: v.string() })),
})

async function play(...args: readonly string[]) {
  const { code, said, json } = await runCommand('lab', 'run', ...args, '--json')
  const parsed = v.safeParse(Report, json)
  if (!parsed.success) throw new Error(`no report:\n${said}`)
  return { code, report: parsed.output, story: JSON.stringify(json, null, 1) }
}

beforeAll(buildPrograms, 120_000)

describe('the historic scenarios', () => {
  it(
    'France: a bystander is recorded, alice reads bob’s page by an honest path and is not',
    async () => {
      const { code, report, story } = await play('france-2023')
      const checks = Object.fromEntries(report.truth.checks.map((check) => [check.id, check.ok]))
      expect(checks, story).toMatchObject({ 'bystander-recorded': true, 'link-read-by-an-honest-path': true, 'reader-not-recorded': true })
      expect(report.delivery, story).toMatchObject({ ok: true, lost: 0, duplicated: 0 })
      expect(report.verdicts.ok, story).toBe(true)
      expect(code).toBe(0)
    },
    RUN_MS,
  )

  it(
    'Russia: at least 200 messages through every move, while the plain client stands and waits',
    async () => {
      const { code, report, story } = await play('russia-2018-day-one')
      expect(report.delivery, story).toMatchObject({ ok: true, lost: 0, duplicated: 0, ordered: true })
      expect(report.delivery.sent).toBeGreaterThanOrEqual(200)
      expect(report.plain.connected, story).toBe(false)
      expect(report.collateral.length, story).toBeGreaterThan(3)
      expect([report.truth.ok, report.verdicts.ok], story).toEqual([true, true])
      expect(code).toBe(0)
    },
    RUN_MS,
  )
})

// At the same time: nothing in them is a matter of seconds.
describe.concurrent('the same runs fail', () => {
  it.for(['france-2023', 'russia-2018-day-one'])(
    '%s without the censor’s rules: nothing is done to anybody and nothing is found',
    { timeout: RUN_MS },
    async (scenario, { expect }) => {
      const { code, report, story } = await play(scenario, '--remove-rules')
      expect([report.truth.ok, report.verdicts.ok], story).toEqual([false, false])
      expect(report.delivery, story).toMatchObject({ ok: true, lost: 0, duplicated: 0, ordered: true })
      expect(report.plain.connected, story).toBe(true)
      expect(report.collateral, story).toEqual([])
      expect(code).toBe(1)
    },
  )

  it('russia-2018-day-one when the censor resets instead of dropping', { timeout: RUN_MS }, async ({ expect }) => {
    const { code, report, story } = await play('russia-2018-day-one', '--swap', 'drop=reset')
    expect([report.truth.ok, report.verdicts.ok], story).toEqual([false, false])
    expect(code).toBe(1)
  })
})
