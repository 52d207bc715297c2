/**
 * The fuzz checks of the lab for long: `npm run soak -- lab-fuzz [WORD] [--times N]`, those whose name has this word, N times as often as in
 * the suite (100 by default). What throws outside a check counts as well. Exit 1 if any failed, with the smallest input found.
 */
import { parseArgs } from 'node:util'
import { fuzzChecks } from '../support/lab-fuzz/all.ts'

const { values, positionals } = parseArgs({ options: { times: { type: 'string', default: '100' } }, allowPositionals: true })
const stray: unknown[] = []
process.on('uncaughtException', (error) => void stray.push(error))

let failed = 0
for (const { name, runs, run } of fuzzChecks.filter(({ name }) => name.includes(positionals[0] ?? ''))) {
  const numRuns = runs * Number(values.times)
  const began = performance.now()
  const error: unknown = await run({ numRuns }).then(
    () => stray.shift() ?? null,
    (reason: unknown) => reason,
  )
  failed += error === null ? 0 : 1
  process.stdout.write(
    `${error === null ? 'holds ' : 'FAILED'}  ${name} (${numRuns} runs, ${((performance.now() - began) / 1000).toFixed(0)} s)\n`,
  )
  if (error !== null) process.stdout.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
process.exit(failed === 0 ? 0 : 1)
