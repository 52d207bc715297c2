/**
 * Throughput of a plane: one sample from its plain path; only if that is slow or stops, pairs of the same sample, beside one from
 * the same server under no name and one from another of our servers (detection.md 5.5).
 */
import type { Endpoint } from '../../../../shared/protocol/bundle.ts'
import { sleep } from '../../../../shared/util/clock.ts'
import type { TransferObservation } from '../observation.ts'
import { isFine, rateOf } from '../rules/transfer.ts'
import { type ProbeDeps, start } from './parts.ts'

/** Begun at one moment, two would be one. */
const APART_MS = 50

/** Where a sample is asked for, and what it stands for there. */
interface Source {
  readonly role: 'target' | 'control'
  readonly endpoint: Endpoint
  readonly address: string
  readonly sni: string | null
}

/** `endpoints`: of the whole bundle; any of them may serve the sample. Resolves with whether the line is slow whoever is asked, and better left alone for a while. */
export async function transferCheck(
  deps: ProbeDeps,
  endpoint: Endpoint,
  endpoints: readonly Endpoint[],
  signal: AbortSignal,
): Promise<boolean> {
  const [address] = endpoint.addresses
  if (address === undefined) return false
  const target: Source = { role: 'target', endpoint, address, sni: endpoint.host }
  const first = await sample(deps, endpoint, target, signal)
  if (!first || first.outcome.kind === 'failed' || isFine(first)) return false
  const nameless: Source = { ...target, role: 'control', sni: null }
  const elsewhere = otherServer(endpoint, endpoints)
  const take = async (source: Source | null) => (source && !signal.aborted ? sample(deps, endpoint, source, signal) : null)
  // Side by side, so that what changes with time alone falls on both alike.
  const together = (sources: readonly (Source | null)[]) =>
    Promise.all(
      sources.map((source, i) =>
        sleep(deps.clock, i * APART_MS, signal).then(
          () => take(source),
          () => null,
        ),
      ),
    )
  if (first.outcome.kind === 'stalled') {
    // What stands still takes nothing from another, and is waited for but once: 3 of 3 (detection.md, Q2).
    await together([elsewhere, nameless, target, target])
    return false
  }
  const [other] = await together([elsewhere, target])
  // As slow from another server: the line is, and is not to be made slower.
  if (other && other.outcome.kind !== 'failed' && !isFine(other) && rateOf(other) < 2 * rateOf(first)) return true
  await together([nameless, target])
  return false
}

async function sample(deps: ProbeDeps, { plane, host }: Endpoint, from: Source, signal: AbortSignal): Promise<TransferObservation | null> {
  const { senses, clock, observe } = deps
  const { role, endpoint, address, sni } = from
  const began = start(clock)
  const seen = await senses.transfer({ address, port: endpoint.port, sni, host: endpoint.host }, host, signal)
  if (signal.aborted) return null
  const noted: TransferObservation = {
    t: 'transfer',
    ...began(),
    plane,
    role,
    endpoint: endpoint.id,
    provider: endpoint.provider,
    address,
    sni,
    ...seen,
  }
  observe(noted)
  return noted
}

/** Another machine of ours: at another provider if there is one, else at another address. */
function otherServer(endpoint: Endpoint, endpoints: readonly Endpoint[]): Source | null {
  const others = endpoints.flatMap((other) => other.addresses.map((address) => ({ endpoint: other, address })))
  const foreign = others.filter(({ address }) => !endpoint.addresses.includes(address) && !address.includes(':'))
  const chosen = foreign.find((other) => other.endpoint.provider !== endpoint.provider) ?? foreign[0]
  return chosen ? { role: 'control', ...chosen, sni: chosen.endpoint.host } : null
}
