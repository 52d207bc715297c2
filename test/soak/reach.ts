/** The properties of races for long: `npm run soak -- reach [TIMES]`, that many times as often as in the suite (30 by default). Exit 1 if any does not hold. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const files = ['race-properties', 'line-properties', 'leaks'].map((name) => `test/unit/reach/${name}.test.ts`)
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'units', '--test-timeout', '3600000', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, THROUGHLINE_RUNS: process.argv[2] ?? '30' },
})
process.exit(status ?? 1)
