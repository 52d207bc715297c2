/**
 * Scenarios under the virtual clock, as a command: the truth holds, and no longer once their rules are gone. One of each kind;
 * `lab run --all` plays the whole library, and `npm run soak -- lab` does with and without rules. Their truth without any app is in test/integration/lab.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RunReport } from '../../../shared/protocol/run-report.ts'
import { buildPrograms, runCommand, startCommand } from '../../support/command-line.ts'

const scenarios = ['china-2015', 'combined-three-planes', 'throttle', 'captive-portal']

/** The machine may have other things to do. */
const RUN_MS = 180_000
const ALL_MS = 60_000 * scenarios.length

let folder = ''
beforeAll(() => {
  buildPrograms()
  folder = mkdtempSync(join(tmpdir(), 'throughline-virtual-'))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function reportsOf(said: string): RunReport[] {
  return said
    .split('\n')
    .filter((line) => line.startsWith('{"scenario"'))
    .map((line) => v.parse(RunReport, JSON.parse(line)))
}

const failed = ({ scenario, truth }: RunReport) =>
  truth.checks.filter((check) => !check.ok).map(({ id, seen }) => `${scenario}: ${id}: ${seen}`)

test('one report each in the order asked for, and the truth in all of them', { timeout: ALL_MS }, async () => {
  const { code, said } = await runCommand('lab', 'run', ...scenarios, '--clock', 'virtual', '--require', 'truth', '--json')
  const reports = reportsOf(said)
  expect(reports.map(({ scenario }) => scenario)).toEqual(scenarios)
  expect(reports.flatMap(failed)).toEqual([])
  expect(reports.filter(({ delivery }) => delivery.sent < 200).map(({ scenario }) => scenario)).toEqual([])
  expect(code).toBe(0)
})

test('the truth alone fails in a scenario without its rules', { timeout: RUN_MS }, async () => {
  const { code, said } = await runCommand('lab', 'run', 'sni-reset', '--clock', 'virtual', '--remove-rules', '--require', 'truth', '--json')
  expect(reportsOf(said).flatMap(failed)).not.toEqual([])
  expect(code).toBe(1)
})

test('one seed, one record, byte for byte, in two processes; another seed, another', { timeout: RUN_MS }, async () => {
  const record = async (name: string, seed: string) => {
    const file = join(folder, name)
    const { code } = await runCommand(
      'lab',
      'run',
      'residual',
      '--clock',
      'virtual',
      '--seed',
      seed,
      '--require',
      'truth',
      '--events',
      file,
      '--json',
    )
    expect(code).toBe(0)
    return readFileSync(file, 'utf8').replace(/"startedAt":\d+/, '')
  }
  const [one, same, other] = await Promise.all([record('one', '1'), record('same', '1'), record('other', '2')])
  expect(one.length).toBeGreaterThan(100_000)
  expect(same === one).toBe(true)
  expect(other === one).toBe(false)
})

test('a run whose process dies has a report that says so', { timeout: RUN_MS }, async () => {
  const program = startCommand('lab', 'run', 'ip-drop', '--clock', 'virtual', '--require', 'truth', '--json')
  const own = () => program.family().filter((pid) => commandOf(pid).includes('rehearsal.js'))
  while (own().length === 0) await new Promise<void>((resolve) => void setTimeout(resolve, 50))
  for (const pid of own()) process.kill(pid, 'SIGKILL')
  expect(await program.ended).toBe(1)
  expect(reportsOf(program.said()).flatMap(failed)).toEqual(['ip-drop: played-to-the-end: its process ended before it was over'])
})

test.each([
  [['--all', '--clock', 'lunar'], '--clock: "lunar" is neither virtual nor real.'],
  [['ip-drop', '--clock', 'virtual', '--swap', 'drop=lunch'], '--swap: '],
])('what was typed wrong is told: %s', { timeout: RUN_MS }, async (flags, sentence) => {
  const { code, said } = await runCommand('lab', 'run', ...flags)
  expect(said).toContain(sentence)
  expect(code).toBe(2)
})

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
