/** A bundle file that somebody else has checked before, read once more for what is in it. */
import { readFile } from 'node:fs/promises'
import { type Bundle, openBundle } from '../../shared/protocol/bundle.ts'
import type { Clock } from '../../shared/util/clock.ts'

/** Rejects when it does not hold any more. */
export async function readBundle(path: string, clock: Clock): Promise<Bundle> {
  const opened = openBundle(JSON.parse(await readFile(path, 'utf8')), { signers: null, version: 0, now: clock.now() })
  if (!opened.ok) throw new Error(`the bundle does not hold: ${opened.reason}`)
  return opened.bundle
}
