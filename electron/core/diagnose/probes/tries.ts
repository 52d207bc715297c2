/**
 * One failure is an accident. Where a plain address failed, it is tried again a few times, so that never can be told from now and then; who gets
 * in says a name, of each plane there in turn, so that a cut by name is seen in a crowd as well.
 */

import type { Endpoint } from '../../../../shared/protocol/bundle.ts'
import { sleep } from '../../../../shared/util/clock.ts'
import type { ProbeDeps } from './parts.ts'
import { greet } from './plane.ts'

/** With the look that failed before: three interleaved with controls are one chance in twenty (detection.md 5.3). */
const TRIES = 3
/** Not in step with anything that counts by the second. */
const APART_MS = 330

/** `endpoints`: those at this address, one at least. */
export async function tryAgain(deps: ProbeDeps, endpoints: readonly Endpoint[], address: string, signal: AbortSignal): Promise<void> {
  const tries = Array.from({ length: TRIES }, async (_, n) => {
    await sleep(deps.clock, (n + 1) * APART_MS, signal)
    const endpoint = endpoints[n % endpoints.length]
    if (endpoint) await greet(deps, endpoint, { address, source: 'bundle' }, signal)
  })
  await Promise.allSettled(tries)
}
