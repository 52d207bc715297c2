/** The lab under input that nobody meant, a few times each; `npm run soak -- lab-fuzz` does the same for long. */
import { expect, test } from 'vitest'
import { fuzzChecks } from '../../support/lab-fuzz/all.ts'

for (const { name, runs, run } of fuzzChecks) {
  test(name, { timeout: 120_000 }, async () => {
    await expect(run({ numRuns: runs })).resolves.toBeUndefined()
  })
}
