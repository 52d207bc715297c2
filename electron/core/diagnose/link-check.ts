/** Before one of the service's links is followed: does this network's lookup lead to the site, or elsewhere? Loads nothing. */
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import type { ProbeDeps } from './probes/parts.ts'

export type LinkCheck = 'true' | 'false-address' | 'no-address' | 'silent' | 'unknown-host'

const CHECK_DEADLINE_MS = 3000

/**
 * `true` only if the address this network's resolver gives is one we know, or proves by its certificate that it is the site.
 * What was seen goes to diagnosis as evidence.
 */
export async function checkLink({ senses, clock, observe }: ProbeDeps, endpoint: Endpoint, signal: AbortSignal): Promise<LinkCheck> {
  const controller = new AbortController()
  const deadline = clock.after(CHECK_DEADLINE_MS, () => controller.abort())
  const bounded = AbortSignal.any([signal, controller.signal])
  try {
    const at = clock.now()
    const began = clock.monotonic()
    const here = await senses.lookupHere(endpoint.host, bounded)
    observe({
      t: 'dns',
      at,
      ms: clock.monotonic() - began,
      plane: endpoint.plane,
      role: 'target',
      name: endpoint.host,
      resolver: 'system',
      ...here,
    })
    if (here.outcome.kind === 'timeout' || here.outcome.kind === 'failed') return 'silent'
    if (here.outcome.kind !== 'answer') return 'no-address'
    const { addresses } = here.outcome
    if (addresses.length === 0) return 'no-address'
    if (addresses.some((address) => endpoint.addresses.includes(address))) return 'true'
    const proofs = await Promise.all(
      addresses
        .slice(0, 2)
        .map((address) => senses.greet({ address, port: endpoint.port, sni: endpoint.host, host: endpoint.host }, {}, bounded)),
    )
    return proofs.some(({ tls }) => tls?.outcome.kind === 'established') ? 'true' : 'false-address'
  } finally {
    deadline.cancel()
  }
}
