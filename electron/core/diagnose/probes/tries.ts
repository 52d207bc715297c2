/** One failure is an accident. Where a plain address failed, it is tried again a few times, so that never can be told from now and then. */

import type { Endpoint } from '../../../../shared/protocol/bundle.ts'
import { sleep } from '../../../../shared/util/clock.ts'
import { reachAddress } from './addresses.ts'
import type { ProbeDeps } from './parts.ts'

/** With the look that failed before: three interleaved with controls are one chance in twenty (detection.md 5.3). */
const TRIES = 3
/** Not in step with anything that counts by the second. */
const APART_MS = 330

export async function tryAgain(deps: ProbeDeps, endpoint: Endpoint, address: string, signal: AbortSignal): Promise<void> {
  const tries = Array.from({ length: TRIES }, async (_, n) => {
    await sleep(deps.clock, (n + 1) * APART_MS, signal)
    await reachAddress(deps, endpoint, address, signal)
  })
  await Promise.allSettled(tries)
}
