/** One round of looking: every plane's plain path, its other addresses where there is trouble, and strangers to compare with. */
import { type Plane, planes } from '../../../shared/contract/path.ts'
import type { ProbeProgress } from '../../../shared/contract/why.ts'
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import type { TcpObservation } from './observation.ts'
import { otherWays, reachAddress } from './probes/addresses.ts'
import { closeWithControl, compare } from './probes/controls.ts'
import { type ProbeDeps, shuffled } from './probes/parts.ts'
import { lookAtPlane } from './probes/plane.ts'
import { tryAgain } from './probes/tries.ts'
import type { Context } from './scene.ts'

export interface RoundOptions {
  readonly v6: boolean
  readonly failing: readonly TcpObservation[]
  /** Told at the beginning and whenever a measurement has its outcome. */
  readonly onProgress: (progress: ProbeProgress) => void
}

/** Runs every check side by side, begun in random order; the last question goes to a stranger. Resolves when all have an outcome. */
export async function lookRound(
  deps: ProbeDeps,
  { endpoints, controls }: Context,
  { v6, failing, onProgress }: RoundOptions,
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
  const check = (step: ProbeProgress['step'], plane: Plane | null, run: () => Promise<void>) => ({ step, plane, run })
  const checks = [
    ...[...again].map(([address, there]) => check('again', there[0]?.plane ?? null, () => tryAgain(deps, there, address, signal))),
    ...firsts.map((endpoint) => check('plane', endpoint.plane, () => lookAtPlane(deps, endpoint, v6, signal))),
    ...otherWays(endpoints, failing, v6).map(({ endpoint, address }) =>
      check('other-way', endpoint.plane, () => reachAddress(deps, endpoint, address, signal)),
    ),
    check('compare', null, () => compare(deps, controls, signal)),
  ]
  const last = check('last', null, () => closeWithControl(deps, controls, signal))
  const open = new Set([...checks, last])
  const tell = () => {
    const [{ step, plane } = last] = open
    onProgress({ done: checks.length + 1 - open.size, of: checks.length + 1, step, plane })
  }
  const ended = (one: typeof last) => {
    open.delete(one)
    if (!signal.aborted) tell()
  }
  tell()
  await Promise.all(shuffled(checks, deps.random).map((one) => one.run().finally(() => ended(one))))
  await last.run().finally(() => ended(last))
}
