/**
 * A plane's plain path: its name here and elsewhere, and how far its address lets us come. A false answer is tried only as far as
 * its certificate; nothing is ever loaded from it.
 */
import type { Endpoint } from '../../../../shared/protocol/bundle.ts'
import type { TlsObservation } from '../observation.ts'
import type { Greeting } from '../senses.ts'
import { lookCloser, lookUp } from './names.ts'
import { type ProbeDeps, start } from './parts.ts'
import { askElsewhere } from './vantage.ts'

export async function lookAtPlane(deps: ProbeDeps, endpoint: Endpoint, v6: boolean, signal: AbortSignal): Promise<void> {
  const plain = endpoint.addresses.find((address) => v6 || !address.includes(':'))
  await Promise.all([
    lookAtName(deps, endpoint, plain, signal),
    plain !== undefined ? lookAtAddress(deps, endpoint, plain, signal) : undefined,
  ])
}

async function lookAtName(deps: ProbeDeps, endpoint: Endpoint, plain: string | undefined, signal: AbortSignal): Promise<void> {
  const { plane, host, addresses } = endpoint
  const here = await lookUp(deps, { plane, name: host, resolver: 'system' }, signal)
  // What the bundle says as well needs no second opinion, and nobody else hears the name.
  if (here.length > 0 && here.every((address) => addresses.includes(address)) && plain !== undefined) return
  if (signal.aborted) return
  const elsewhere = await lookUp(deps, { plane, name: host, resolver: 'doh' }, signal)
  const truth = new Set([...addresses, ...elsewhere])
  const isExpected = here.some((address) => truth.has(address))
  const learnt = plain === undefined ? elsewhere[0] : undefined
  const differs = !isExpected || (elsewhere.length > 0 && !here.some((address) => elsewhere.includes(address)))
  await Promise.all([
    learnt !== undefined ? lookAtAddress(deps, endpoint, learnt, signal) : undefined,
    differs ? lookCloser(deps, plane, host, signal) : undefined,
    ...(isExpected ? [] : here.slice(0, 2).map((address) => greet(deps, endpoint, { address, source: 'system' }, signal))),
  ])
}

/** As far as one request in TLS. Where that is cut, the same address without the name, and the same question from elsewhere. */
async function lookAtAddress(deps: ProbeDeps, endpoint: Endpoint, address: string, signal: AbortSignal): Promise<void> {
  let asked: Promise<void> | null = null
  const askOnce = () => {
    asked ??= askElsewhere(deps, endpoint, address, signal)
  }
  const { tcp, tls } = await greet(deps, endpoint, { address, source: 'bundle', asks: true, onQuiet: askOnce }, signal)
  if (!signal.aborted && tls?.outcome.kind !== 'established' && tcp.outcome.kind !== 'failed') {
    askOnce()
    // A cut by name passes without it; a cut of the address does not (OONI ts-024).
    if (tls && isCut(tls.outcome)) await greet(deps, endpoint, { address, source: 'bundle', nameless: true }, signal)
  }
  await asked
}

function isCut({ kind }: TlsObservation['outcome']): boolean {
  return kind === 'reset' || kind === 'closed' || kind === 'timeout'
}

interface Greeted {
  readonly address: string
  readonly source: 'bundle' | 'system'
  readonly asks?: boolean
  readonly nameless?: boolean
  /** Nothing has come for a while: told while it lasts. */
  readonly onQuiet?: () => void
}

export async function greet(
  deps: ProbeDeps,
  endpoint: Endpoint,
  { address, source, asks, nameless, onQuiet }: Greeted,
  signal: AbortSignal,
): Promise<Greeting> {
  const { clock, observe, senses } = deps
  const { plane, id, provider, port, host } = endpoint
  const seen = { plane, role: 'target', endpoint: id, provider, address, source } as const
  const sni = nameless ? null : host
  const from = start(clock)
  const { at } = from()
  let encryptingAt = at
  const greeting = await senses.greet(
    { address, port, sni, host },
    {
      ...(asks && { asks: host }),
      onQuiet(step, ms) {
        if (signal.aborted) return
        onQuiet?.()
        encryptingAt = step === 'tls' ? clock.now() - ms : at
        if (step === 'tcp') observe({ t: 'tcp', at, ms, ...seen, port, outcome: { kind: 'timeout' } })
        else observe({ t: 'tls', at: encryptingAt, ms, ...seen, sni, outcome: { kind: 'timeout' } })
      },
    },
    signal,
  )
  if (signal.aborted) return greeting
  const { tcp, tls, status } = greeting
  // Whether the address answers is told once: the second try is about the name.
  if (!nameless) observe({ t: 'tcp', at, ...seen, port, ...tcp })
  if (tls) observe({ t: 'tls', at: encryptingAt > at ? encryptingAt : at + tcp.ms, ...seen, sni, ...tls })
  if (status) observe({ t: 'status', at: at + tcp.ms + (tls?.ms ?? 0), plane, role: 'target', endpoint: id, provider, address, ...status })
  return greeting
}
