/**
 * Plays the whole library under the virtual clock with several seeds, twice with each, and without its rules: the truth must hold, fail
 * without them, and come out alike with one seed. `npm run soak -- lab [SEEDS]`: three seeds unless told. Exit 1 if anything was not so.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import * as v from 'valibot'
import { RunReport } from '../../shared/protocol/run-report.ts'

const cli = join(import.meta.dirname, '../../dist/cli.js')
const seeds = Number(process.argv[2] ?? 3)
let wrong = 0
const say = (line: string) => void process.stdout.write(`${line}\n`)

function playAll(seed: number, ...flags: readonly string[]): RunReport[] {
  const began = performance.now()
  const args = [cli, 'lab', 'run', '--all', '--seed', String(seed), '--require', 'truth', '--json', ...flags]
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  const reports = lines.map((line) => v.parse(RunReport, JSON.parse(line)))
  say(`seed ${seed}${flags.map((flag) => ` ${flag}`)}: ${reports.length} scenarios, ${Math.round((performance.now() - began) / 1000)} s`)
  return reports
}

function complain(what: string): void {
  wrong++
  say(`  ${what}`)
}

for (let seed = 1; seed <= seeds; seed++) {
  const once = playAll(seed)
  if (once.length === 0) complain('nothing was played')
  for (const { scenario, truth, delivery } of once) {
    for (const { id, seen } of truth.checks.filter((check) => !check.ok)) complain(`${scenario}: ${id}: ${seen}`)
    if (!delivery.ok) complain(`${scenario}: ${delivery.lost} lost, ${delivery.duplicated} doubled of ${delivery.sent}`)
  }
  const again = playAll(seed)
  for (const [i, report] of once.entries()) {
    if (JSON.stringify(report) !== JSON.stringify(again[i])) complain(`${report.scenario}: came out differently the second time`)
  }
}
for (const { scenario, truth } of playAll(1, '--remove-rules')) if (truth.ok) complain(`${scenario}: holds without its rules`)
say(wrong === 0 ? 'All as it must be.' : `${wrong} things were not as they must be.`)
process.exitCode = wrong === 0 ? 0 : 1
