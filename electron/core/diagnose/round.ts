/** One round of looking: every plane's plain path, its other addresses where there is trouble, and strangers to compare with. */
import { planes } from '../../../shared/contract/path.ts'
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import type { TcpObservation } from './observation.ts'
import { otherWays, reachAddress } from './probes/addresses.ts'
import { closeWithControl, compare } from './probes/controls.ts'
import { type ProbeDeps, shuffled } from './probes/parts.ts'
import { lookAtPlane } from './probes/plane.ts'
import { tryAgain } from './probes/tries.ts'
import type { Context } from './scene.ts'

/** Runs every check side by side, begun in random order; the last question goes to a stranger. Resolves when all have an outcome. */
export async function lookRound(
  deps: ProbeDeps,
  { endpoints, controls }: Context,
  { v6, failing }: { readonly v6: boolean; readonly failing: readonly TcpObservation[] },
  signal: AbortSignal,
): Promise<void> {
  const firsts = planes.flatMap((plane) => endpoints.find((endpoint) => endpoint.plane === plane) ?? [])
  // Planes behind one address need it tried once.
  const again = new Map<string, Endpoint[]>()
  for (const endpoint of firsts) {
    for (const { plane, address } of failing) {
      if (plane === endpoint.plane && endpoint.addresses.includes(address)) again.set(address, [...(again.get(address) ?? []), endpoint])
    }
  }
  const checks = [
    ...[...again].map(
      ([address, there]) =>
        () =>
          tryAgain(deps, there, address, signal),
    ),
    ...firsts.map((endpoint) => () => lookAtPlane(deps, endpoint, v6, signal)),
    ...otherWays(endpoints, failing, v6).map(
      ({ endpoint, address }) =>
        () =>
          reachAddress(deps, endpoint, address, signal),
    ),
    () => compare(deps, controls, signal),
  ]
  await Promise.all(shuffled(checks, deps.random).map((check) => check()))
  await closeWithControl(deps, controls, signal)
}
