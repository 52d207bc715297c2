/** The historic scenarios, headless and real: they come out as documented, and the same run fails once the censor is taken out of it. */
import * as v from 'valibot'
import { beforeAll, describe, it } from 'vitest'
import { RunReport } from '../../../shared/protocol/run-report.ts'
import { buildPrograms, runCommand } from '../../support/command-line.ts'

const RUN_MS = 180_000

async function play(...args: readonly string[]) {
  const { code, said, json } = await runCommand('lab', 'run', ...args, '--json')
  const parsed = v.safeParse(RunReport, json)
  if (!parsed.success) throw new Error(`no report:\n${said}`)
  return { code, report: parsed.output, story: JSON.stringify(json, null, 1) }
}

beforeAll(buildPrograms, 120_000)

// In real time, and at the same time: each mostly waits for its story.
describe.concurrent('the historic scenarios', () => {
  it(
    'France: a bystander is recorded, alice reads bob’s page by an honest path and is not',
    async ({ expect }) => {
      const { code, report, story } = await play('france-2023')
      const checks = Object.fromEntries([...report.truth.checks, ...report.delivery.links].map((check) => [check.id, check.ok]))
      expect(checks, story).toMatchObject({ 'bystander-recorded': true, 'link-read-by-an-honest-path': true, 'reader-not-recorded': true })
      expect(report.truth.ok, story).toBe(true)
      expect(report.delivery, story).toMatchObject({ ok: true, lost: 0, duplicated: 0 })
      expect(report.verdicts.ok, story).toBe(true)
      expect(code).toBe(0)
    },
    RUN_MS,
  )

  it(
    'Russia: at least 200 messages through every move, while the plain client stands and waits',
    async ({ expect }) => {
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

// At the same time, and under the virtual clock: nothing in them is a matter of seconds.
describe.concurrent('the same runs fail', () => {
  it.for(['france-2023', 'russia-2018-day-one'])(
    '%s without the censor’s rules: nothing is done to anybody and nothing is found',
    { timeout: RUN_MS },
    async (scenario, { expect }) => {
      const { code, report, story } = await play(scenario, '--remove-rules', '--clock', 'virtual')
      expect([report.truth.ok, report.verdicts.ok], story).toEqual([false, false])
      expect(report.delivery, story).toMatchObject({ ok: true, lost: 0, duplicated: 0, ordered: true })
      expect(report.plain.connected, story).toBe(true)
      expect(report.collateral, story).toEqual([])
      expect(code).toBe(1)
    },
  )

  it('russia-2018-day-one when the censor resets instead of dropping', { timeout: RUN_MS }, async ({ expect }) => {
    const { code, report, story } = await play('russia-2018-day-one', '--swap', 'drop=reset', '--clock', 'virtual')
    expect([report.truth.ok, report.verdicts.ok], story).toEqual([false, false])
    expect(code).toBe(1)
  })
})
