/** The newest state of everything measured, arranged for the rules: what answers, what does not, and what it can be compared with. */
import type { Plane } from '../../../shared/contract/path.ts'
import type { ControlEntry, Endpoint } from '../../../shared/protocol/bundle.ts'
import { BRIEF_MS, type Run, runs } from './history.ts'
import type { DnsObservation, HelloObservation, LocalObservation, Observation, TcpObservation, TlsObservation } from './observation.ts'

export interface Context {
  /** Epoch ms. */
  readonly now: number
  readonly endpoints: readonly Endpoint[]
  readonly controls: readonly ControlEntry[]
  /** CIDR ranges that no honest answer holds in this world. */
  readonly bogons: readonly string[]
  /** Whether a session with the relay is alive right now, by any route: an independent sign that the service itself works. */
  readonly relayAlive: boolean
}

export interface Scene {
  readonly context: Context
  readonly dns: readonly Run<DnsObservation>[]
  readonly tcp: readonly Run<TcpObservation>[]
  readonly tls: readonly Run<TlsObservation>[]
  readonly hello: readonly Run<HelloObservation>[]
  readonly local: LocalObservation | null
}

/** A comparison is worth something only if made at about the same time. */
export const CONTROL_WINDOW_MS = 90_000

export function sceneOf(observations: readonly Observation[], context: Context): Scene {
  const of = <K extends Observation['t']>(t: K) => observations.filter((o): o is Extract<Observation, { t: K }> => o.t === t)
  const local = of('local')
    .toSorted((a, b) => a.at - b.at)
    .at(-1)
  return {
    context,
    dns: runs(of('dns'), dnsClass),
    tcp: runs(of('tcp'), (o) => o.outcome.kind),
    tls: runs(of('tls'), (o) => o.outcome.kind),
    hello: runs(of('hello'), (o) => o.outcome.kind),
    local: local ?? null,
  }
}

function dnsClass(o: DnsObservation): string {
  return o.outcome.kind === 'answer' ? `answer ${[...o.outcome.addresses].sort().join(' ')}` : o.outcome.kind
}

export function targetsOf<T extends { plane: Plane; role: string }>(list: readonly Run<T & Observation>[], plane: Plane) {
  return list.filter((run) => run.last.role === 'target' && run.last.plane === plane)
}

/** Whether something unrelated to us answered over TCP at about the time `at`: first strangers, else ours elsewhere. */
export function othersAnswer(scene: Scene, at: number, exceptProvider: string): 'strangers' | 'ours-elsewhere' | null {
  const answering = scene.tcp.filter(
    (run) => run.last.outcome.kind === 'connected' && Math.abs(run.last.at - at) < CONTROL_WINDOW_MS && run.last.source !== 'proxy',
  )
  if (answering.some((run) => run.last.role === 'control' && run.last.provider !== exceptProvider)) return 'strangers'
  return answering.some((run) => run.last.role === 'target' && run.last.provider !== exceptProvider) ? 'ours-elsewhere' : null
}

/** Strangers' addresses in the same provider that are silent too: the sign that a whole range is blocked. */
export function silentStrangers(scene: Scene, provider: string, at: number): number {
  return scene.tcp.filter(
    (run) =>
      run.last.role === 'control' &&
      run.last.provider === provider &&
      run.last.outcome.kind === 'timeout' &&
      Math.abs(run.last.at - at) < CONTROL_WINDOW_MS,
  ).length
}

/** A SYN is sent again after a second, and a slow line is no block: shorter silence than this means nothing (detection.md, P3). */
export function isLongSilence(scene: Scene, ms: number): boolean {
  const connects = scene.tcp.filter((run) => run.last.outcome.kind === 'connected' && run.last.source !== 'proxy').map((run) => run.last.ms)
  return ms >= Math.max(BRIEF_MS, 3 * Math.max(0, ...connects))
}
