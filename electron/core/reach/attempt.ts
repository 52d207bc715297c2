/** One attempt: reach, encrypt, and whatever proves the other side; each step bounded, and told as an observation. */

import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Plane } from '../../../shared/contract/path.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { HelloObservation, Observation, TcpObservation, TlsObservation } from '../diagnose/observation.ts'
import { deadline } from '../net/deadline.ts'
import { classify, DialError } from '../net/errors.ts'
import type { Network } from '../net/network.ts'
import { encrypt } from '../net/tls.ts'
import type { Transports } from '../net/transports/transports.ts'
import type { Candidate } from './candidates.ts'
import type { Report } from './race.ts'
import { wayIn } from './way-in.ts'

export interface AttemptOptions<S> {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly plane: Plane
  readonly roots: () => readonly string[]
  readonly transports: Transports | null
  readonly observe: (observation: Observation) => void
  /** How long TCP took on a direct way that answered. */
  readonly onReached: (ms: number) => void
  /** How long TCP mostly took on this network; `null`: it is not known. */
  readonly usualTcpMs: number | null
  /** How often the usual time each step may take. */
  readonly patience: number
  /** `null`: a finished TLS session is all that is asked for. Takes the session over. */
  readonly prove: ((tls: TLSSocket, candidate: Candidate, tlsMs: number, signal: AbortSignal) => Promise<S>) | null
  readonly wrap: (tls: TLSSocket, candidate: Candidate) => S
}

const REACH_MS = 8_000
const ENCRYPT_LEAST_MS = 3_000
const PROVE_MS = 8_000
/** Silence shorter than this, or than 2.5 times what TCP took, says nothing when somebody else has won. */
const LEAST_SILENCE_MS = 200
const SILENCE_TRIPS = 2.5
/** Where nothing is known of TCP here. */
const USUAL_TCP_MS = 100

export async function attempt<S>(options: AttemptOptions<S>, candidate: Candidate, report: Report, signal: AbortSignal): Promise<S> {
  const { clock, plane, usualTcpMs, patience } = options
  const silenceMs = Math.max(LEAST_SILENCE_MS, SILENCE_TRIPS * (usualTcpMs ?? USUAL_TCP_MS))
  const { recipe, endpoint, proxy } = candidate
  const isSliced = recipe.proxy?.kind === 'slices'
  const source = isSliced ? 'proxy' : candidate.source
  // What many short requests meet is not what the plain path meets.
  const observe = isSliced ? () => {} : options.observe
  const common = () => ({
    plane,
    role: 'target' as const,
    endpoint: endpoint.id,
    provider: endpoint.provider,
    address: recipe.address,
    source,
  })
  const step = async <T>(
    ms: number,
    work: (signal: AbortSignal) => Promise<T>,
    told: (outcome: 'ok' | DialError, at: number, ms: number) => void,
  ) => {
    const at = clock.now()
    const began = clock.monotonic()
    const limit = deadline(clock, patience * ms, signal)
    const took = () => clock.monotonic() - began
    try {
      const value = await work(limit.signal)
      told('ok', at, took())
      return { value, ms: took() }
    } catch (cause) {
      const error = classify(limit.signal.aborted ? limit.signal.reason : cause)
      if (error.reason !== 'superseded' || took() >= Math.max(silenceMs, SILENCE_TRIPS * tcpMs)) told(error, at, took())
      throw error
    } finally {
      limit.clear()
    }
  }

  let tcpMs = 0
  void report('reach')
  const dial = wayIn(candidate, { ...options, roots: options.roots() })
  // A name in pieces is none that a box can be said to have read.
  const shown = recipe.split ? null : recipe.sni
  const reached = await step(
    REACH_MS,
    (within) => dial(recipe, within),
    (outcome, at, ms) => {
      const to = proxy ?? recipe
      observe({ t: 'tcp', ...common(), address: to.address, port: to.port, at, ms, outcome: tcpOutcome(outcome) })
    },
  )
  tcpMs = reached.ms
  if (!recipe.proxy) options.onReached(reached.ms)

  // It may have to wait, and the connection may break meanwhile.
  reached.value.on('error', () => {})
  await report('encrypt')
  const encrypted = await step(
    Math.max(ENCRYPT_LEAST_MS, 5 * reached.ms),
    async (within) => encrypt(open(reached.value), { host: endpoint.host, sni: recipe.sni, roots: options.roots() }, within),
    (outcome, at, ms) => observe({ t: 'tls', ...common(), sni: shown, at, ms, outcome: tlsOutcome(outcome) }),
  )
  const { prove } = options
  if (!prove) return options.wrap(encrypted.value, candidate)

  void report('recognise')
  const proven = await step(
    PROVE_MS,
    (within) => prove(encrypted.value, candidate, encrypted.ms, within),
    (outcome, at, ms) => observe({ t: 'hello', ...common(), source: toldOf(candidate), at, ms, outcome: helloOutcome(outcome) }),
  )
  return proven.value
}

function open<S extends Duplex>(stream: S): S {
  if (stream.destroyed) throw new DialError('closed')
  return stream
}

/** What a disguise got through says as little of the plain path as what came by a proxy. */
function toldOf({ kind, source }: Candidate): Candidate['source'] {
  return kind === 'disguise' ? 'proxy' : source
}

function tcpOutcome(outcome: 'ok' | DialError): TcpObservation['outcome'] {
  if (outcome === 'ok') return { kind: 'connected' }
  const { reason, code } = outcome
  if (reason === 'superseded') return { kind: 'timeout' }
  return reason === 'refused' || reason === 'reset' || reason === 'unreachable' || reason === 'timeout'
    ? { kind: reason }
    : { kind: 'failed', code }
}

function tlsOutcome(outcome: 'ok' | DialError): TlsObservation['outcome'] {
  if (outcome === 'ok') return { kind: 'established' }
  const { reason, code, issuer } = outcome
  if (reason === 'superseded') return { kind: 'timeout' }
  if (reason === 'certificate') return { kind: 'certificate', code, issuer }
  return reason === 'reset' || reason === 'closed' || reason === 'timeout' ? { kind: reason } : { kind: 'failed', code }
}

function helloOutcome(outcome: 'ok' | DialError): HelloObservation['outcome'] {
  if (outcome === 'ok') return { kind: 'proven' }
  const { reason, code } = outcome
  switch (reason) {
    case 'unproven':
      return { kind: 'unproven', reason: code === 'channel-mismatch' || code === 'bad-signature' ? code : 'not-a-relay' }
    case 'denied': {
      const status = /^status-(\d{3})$/.exec(code)
      return status ? { kind: 'status', status: Number(status[1]) } : { kind: 'refused', code }
    }
    case 'reset':
    case 'closed':
      return { kind: reason }
    default:
      return { kind: 'timeout' }
  }
}
