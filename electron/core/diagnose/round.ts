/**
 * One round of looking: every plane's name here and elsewhere, a proof at a true address, and unrelated places to compare
 * with. Never loads anything: a false answer is tried only as far as its certificate.
 */
import type { Plane } from '../../../shared/contract/path.ts'
import { planes } from '../../../shared/contract/path.ts'
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Observation, TcpObservation, TlsObservation } from './observation.ts'
import type { Context } from './scene.ts'
import type { Greeting, Senses } from './senses.ts'

const MOST_OTHER_WAYS = 8

export interface RoundDeps {
  readonly senses: Senses
  readonly clock: Clock
  readonly observe: (o: Observation) => void
}

/** Runs every check side by side; resolves when all have an outcome. */
export async function lookRound(
  deps: RoundDeps,
  context: Context,
  again: { readonly addresses: readonly TcpObservation[]; readonly handshakes: readonly TlsObservation[] },
  signal: AbortSignal,
): Promise<void> {
  const firsts = planes.flatMap((plane) => context.endpoints.find((endpoint) => endpoint.plane === plane) ?? [])
  await Promise.all([
    ...firsts.map((endpoint) => lookAtPlane(deps, endpoint, signal)),
    ...again.addresses.map((seen) => reachAgain(deps, seen, signal)),
    ...otherWays(context, again.addresses).map(({ endpoint, address }) => reachOther(deps, endpoint, address, signal)),
    ...again.handshakes.map((seen) => greetAgain(deps, context, seen, signal)),
    compare(deps, context, signal),
  ])
}

async function lookAtPlane(deps: RoundDeps, endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  const { plane } = endpoint
  const [here, elsewhere] = await Promise.all([
    lookup(deps, plane, endpoint.host, 'system', signal),
    lookup(deps, plane, endpoint.host, 'doh', signal),
  ])
  const truth = new Set([...endpoint.addresses, ...elsewhere])
  const unexpected = here.filter((address) => !truth.has(address))
  const matching = here.length > 0 && unexpected.length < here.length
  // The chat plane is proven by its own traffic; a lie is told from the truth only by asking a true address as well.
  const [proofAt] = truth
  const needsProof = proofAt !== undefined && (plane !== 'chat' || !matching)
  await Promise.all([
    needsProof ? greet(deps, endpoint, proofAt, 'bundle', signal) : undefined,
    ...(matching ? [] : unexpected.slice(0, 2).map((address) => greet(deps, endpoint, address, 'system', signal))),
  ])
}

async function lookup(
  deps: RoundDeps,
  plane: Plane,
  name: string,
  resolver: 'system' | 'doh',
  signal: AbortSignal,
  role: 'target' | 'control' = 'target',
): Promise<readonly string[]> {
  const from = start(deps.clock)
  const result = resolver === 'system' ? await deps.senses.lookupHere(name, signal) : await deps.senses.lookupElsewhere(name, signal)
  if (!result || signal.aborted) return []
  deps.observe({ t: 'dns', ...from(), plane, role, name, resolver, ...result })
  return result.outcome.kind === 'answer' ? result.outcome.addresses : []
}

async function greetAgain(deps: RoundDeps, context: Context, seen: TlsObservation, signal: AbortSignal): Promise<void> {
  const endpoint = context.endpoints.find((entry) => entry.id === seen.endpoint)
  if (endpoint) await greet(deps, endpoint, seen.address, 'bundle', signal)
}

async function greet(
  deps: RoundDeps,
  endpoint: Endpoint,
  address: string,
  source: 'bundle' | 'system',
  signal: AbortSignal,
): Promise<void> {
  const seen = { plane: endpoint.plane, role: 'target', endpoint: endpoint.id, provider: endpoint.provider, address, source } as const
  const at = deps.clock.now()
  const { tcp, tls } = await deps.senses.greet(address, endpoint.port, endpoint.host, endpoint.host, signal)
  if (signal.aborted) return
  deps.observe({ t: 'tcp', at, ...seen, port: endpoint.port, ...tcp })
  if (!tls) return
  deps.observe({ t: 'tls', at: at + tcp.ms, ...seen, sni: endpoint.host, ...tls })
  if (tls.outcome.kind !== 'reset' && tls.outcome.kind !== 'closed' && tls.outcome.kind !== 'timeout') return
  // The same address without the name tells a cut by name from a cut of the address (OONI ts-024).
  const nameless = await deps.senses.greet(address, endpoint.port, null, endpoint.host, signal)
  if (!signal.aborted && nameless.tls) deps.observe({ t: 'tls', at: deps.clock.now(), ...seen, sni: null, ...nameless.tls })
}

/** Where a plane is in trouble, its other addresses tell how far that reaches: one address, a range, or everything. */
function otherWays(context: Context, failing: readonly TcpObservation[]): { endpoint: Endpoint; address: string }[] {
  const troubled = new Set(failing.map((seen) => seen.plane))
  const known = new Set(failing.map((seen) => seen.address))
  const others = context.endpoints
    .filter((endpoint) => troubled.has(endpoint.plane))
    .flatMap((endpoint) => endpoint.addresses.map((address) => ({ endpoint, address })))
  return others.filter(({ address }) => !known.has(address)).slice(0, MOST_OTHER_WAYS)
}

async function reachOther(deps: RoundDeps, endpoint: Endpoint, address: string, signal: AbortSignal): Promise<void> {
  const from = start(deps.clock)
  const outcome = await deps.senses.reach(address, endpoint.port, signal)
  if (signal.aborted) return
  deps.observe({
    t: 'tcp',
    ...from(),
    plane: endpoint.plane,
    role: 'target',
    endpoint: endpoint.id,
    provider: endpoint.provider,
    address,
    port: endpoint.port,
    source: 'bundle',
    outcome,
  })
}

async function reachAgain(deps: RoundDeps, seen: TcpObservation, signal: AbortSignal): Promise<void> {
  const from = start(deps.clock)
  const outcome = await deps.senses.reach(seen.address, seen.port, signal)
  if (!signal.aborted) deps.observe({ ...seen, ...from(), outcome })
}

/** Strangers by literal address, one of them by its certificate and by name too: the comparison without which nothing is claimed. */
export async function compare(deps: RoundDeps, context: Context, signal: AbortSignal): Promise<void> {
  const [named] = context.controls
  await Promise.all([
    named ? lookup(deps, 'chat', named.host, 'system', signal, 'control') : undefined,
    ...context.controls.map(async (control) => {
      const seen = {
        plane: 'chat',
        role: 'control',
        endpoint: control.id,
        provider: control.provider,
        address: control.address,
        source: 'bundle',
      } as const
      const from = start(deps.clock)
      const { tcp, tls } =
        control === named
          ? await deps.senses.greet(control.address, control.port, control.host, control.host, signal)
          : await reached(deps, control, signal)
      if (signal.aborted) return
      const { at } = from()
      deps.observe({ t: 'tcp', at, ...seen, port: control.port, ...tcp })
      if (tls) deps.observe({ t: 'tls', at: at + tcp.ms, ...seen, sni: control.host, ...tls })
    }),
  ])
}

async function reached(deps: RoundDeps, { address, port }: Context['controls'][number], signal: AbortSignal): Promise<Greeting> {
  const from = start(deps.clock)
  const outcome = await deps.senses.reach(address, port, signal)
  return { tcp: { ms: from().ms, outcome }, tls: null }
}

function start(clock: Clock): () => { at: number; ms: number } {
  const at = clock.now()
  const began = clock.monotonic()
  return () => ({ at, ms: clock.monotonic() - began })
}
