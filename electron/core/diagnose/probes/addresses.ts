/** Where a plane is in trouble, its other addresses tell how far that reaches: one address, a range, or everything. */
import type { Endpoint } from '../../../../shared/protocol/bundle.ts'
import type { TcpObservation } from '../observation.ts'
import { type ProbeDeps, start } from './parts.ts'

const MOST_OTHER_WAYS = 8

export function otherWays(
  endpoints: readonly Endpoint[],
  failing: readonly TcpObservation[],
  v6: boolean,
): { readonly endpoint: Endpoint; readonly address: string }[] {
  const troubled = new Set(failing.map((seen) => seen.plane))
  const plain = new Set([...troubled].map((plane) => endpoints.find((endpoint) => endpoint.plane === plane)?.addresses[0]))
  return endpoints
    .filter((endpoint) => troubled.has(endpoint.plane))
    .flatMap((endpoint) => endpoint.addresses.map((address) => ({ endpoint, address })))
    .filter(({ address }) => !plain.has(address) && (v6 || !address.includes(':')))
    .slice(0, MOST_OTHER_WAYS)
}

export async function reachAddress(deps: ProbeDeps, endpoint: Endpoint, address: string, signal: AbortSignal): Promise<void> {
  const { senses, clock, observe } = deps
  const { id, plane, provider, port } = endpoint
  const from = start(clock)
  const { at } = from()
  const seen = { plane, role: 'target', endpoint: id, provider, address, port, source: 'bundle' } as const
  const outcome = await senses.reach(address, port, signal, (ms) => {
    if (!signal.aborted) observe({ t: 'tcp', at, ms, ...seen, outcome: { kind: 'timeout' } })
  })
  if (!signal.aborted) observe({ t: 'tcp', ...from(), ...seen, outcome })
}
