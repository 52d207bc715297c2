/** One folder for all temporary folders of a run, so that they go with it: whoever made them, and however their test ended. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const outside = process.env.TMPDIR
let folder = ''

/** Called by Vitest before the first test, in the process that starts all others. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'throughline-run-'))
  process.env.TMPDIR = folder
}

/** Called after the last one. */
export function teardown(): void {
  if (outside === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = outside
  const left = readdirSync(folder).filter((name) => name.startsWith('throughline-'))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  if (left.length > 0) process.stderr.write(`Tests left temporary folders behind; they are removed now: ${left.join(', ')}\n`)
}
