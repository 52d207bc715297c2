/** A test that cannot run here says so, and why. The reason reaches the summary of `npm test`. */
import { appendFileSync } from 'node:fs'
import { TestRunner } from 'vitest'

/**
 * Ends the current test (or, in a beforeEach, the one about to run) as skipped.
 * @param reason what is missing, as a person would fix it
 * @param debianPackage name it where Debian has what is missing: in CI on Debian as root that is a failure, for it could have been installed
 */
export function skipLoudly(reason: string, debianPackage?: string): never {
  const current = TestRunner.getCurrentTest()
  if (!current) throw new Error('skipLoudly belongs inside a test or a beforeEach')
  if (debianPackage && process.env.THROUGHLINE_NO_SKIPS) throw new Error(`${reason}: CI must install ${debianPackage}`)
  const record = process.env.THROUGHLINE_SKIPS
  if (record) appendFileSync(record, `${JSON.stringify({ file: current.file.filepath, test: current.name, reason })}\n`)
  return current.context.skip(reason)
}
