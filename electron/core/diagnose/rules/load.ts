/**
 * Overload told from censorship (detection.md 5.5): some get through and some do not, whoever gets through waits, it does not depend on
 * what is said, others are fine. A censor is all or nothing, and does not care how long the queue is.
 */
import type { Plane } from '../../../../shared/contract/path.ts'
import { byEnd } from '../history.ts'
import type { TcpObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, endOf, isForged, median, othersAnswer, plainOf, type Scene } from '../scene.ts'
import type { RuleHit } from './hit.ts'

/** Fewer tries say nothing about a share. */
const LEAST_TRIES = 8
const MOST_TRIES = 16
/** So many good ones in a row, at half the chance each, are no accident: the crowd has gone. */
const RECOVERED = 5
/** So many silences in a row where before some got in: no crowd does that to everybody. */
const SILENCED = 3
const SLOWER = 3
const LEAST_SLOW_MS = 600

export function loadHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  const plain = plainOf(scene, plane)
  const [address] = plain?.addresses ?? []
  if (!plain || address === undefined) return []
  const mine = (o: TcpObservation) => o.role === 'target' && o.source === 'bundle' && o.provider === plain.provider
  // All planes of one provider share its doors. Tries of one moment at one address are one try.
  const all = scene.tcp
    .flatMap(({ all }) => all)
    .filter((o) => mine(o) && sameSite(o.address, address) && scene.context.now - o.at < CONTROL_WINDOW_MS && isOutcome(o))
    .toSorted(byEnd)
    .slice(-MOST_TRIES)
  // What was before belongs to something else, which is over.
  const tries = all.slice(all.findLastIndex((_, i) => isSilence(all.slice(i, i + SILENCED))) + 1)
  if (tries.length < LEAST_TRIES) return []
  // What answers sooner than the service could is somebody on the way (5.5, against).
  if (tries.some((o) => isForged(scene, o))) return []
  const usual = usualMs(scene, plain.provider)
  const waited = (o: { ms: number }) => o.ms > Math.max(LEAST_SLOW_MS, SLOWER * usual)
  const good = tries.filter((o) => o.outcome.kind === 'connected')
  if (tries.slice(-RECOVERED).every((o) => o.outcome.kind === 'connected' && !waited(o))) return []
  const at = Math.max(...tries.map((o) => o.at))
  const from = Math.min(...tries.map((o) => o.at))
  const finished = [...scene.tls, ...scene.status, ...scene.hello]
    .flatMap((run): readonly { at: number; ms: number; outcome: { kind: string } }[] => (isOurs(run.last, plain.provider) ? run.all : []))
    .filter((o) => o.at >= from && ['established', 'status', 'proven'].includes(o.outcome.kind))
  const signs = {
    // (a) neither never nor always
    partly: good.length / tries.length >= 0.05 && good.length / tries.length <= 0.95,
    // (b) who gets in waits
    slow: [...good, ...finished].filter(waited).length >= 2,
    // (c) the same address says now yes, now no
    whatever: isMixed(tries),
    // (d) other places answer as ever
    others: othersAnswer(scene, { since: from, until: scene.context.now }, plain.provider) !== null,
    // (e) it says so itself
    told: scene.status.some(
      ({ last }) => isOurs(last, plain.provider) && last.outcome.kind === 'status' && [429, 503].includes(last.outcome.status),
    ),
  }
  const count = Object.values(signs).filter(Boolean).length
  if (!signs.partly && !signs.slow) return []
  if (count < 3) return []
  return [
    {
      rule: 'O1',
      kind: 'overload',
      layer: 'tcp',
      weights: { blocked: 0, down: 0.55 + 0.08 * count, ok: 0 },
      mechanism: null,
      place: 'service',
      endpoint: plain.id,
      code: 'many-turned-away',
      facts: { provider: plain.provider, tries: tries.length, passed: good.length, signs: count },
      control: signs.others ? 'strangers' : 'none',
      repeats: 2,
      timing: false,
      proof: false,
      at,
    },
  ]
}

function isSilence(tries: readonly TcpObservation[]): boolean {
  return tries.length === SILENCED && tries.every(({ outcome }) => outcome.kind === 'timeout')
}

/** A silence that is still going on has no outcome yet. */
function isOutcome({ outcome, ms }: TcpObservation): boolean {
  return (
    outcome.kind === 'connected' || outcome.kind === 'refused' || outcome.kind === 'reset' || (outcome.kind === 'timeout' && ms >= 2000)
  )
}

function isOurs(o: object, provider: string): boolean {
  return 'provider' in o && o.provider === provider && (!('role' in o) || o.role === 'target') && (!('source' in o) || o.source !== 'proxy')
}

/** What connecting to us takes where nobody waits: the fastest ever seen there. */
function usualMs(scene: Scene, provider: string): number {
  const connects = scene.tcp.flatMap(({ all }) => all).filter((o) => o.outcome.kind === 'connected' && o.source !== 'proxy')
  const own = connects.filter((o) => o.provider === provider).map(({ ms }) => ms)
  return own.length > 0 ? Math.min(...own) : median(connects.map(({ ms }) => ms))
}

function isMixed(tries: readonly TcpObservation[]): boolean {
  return tries.some((o) =>
    tries.some(
      (other) =>
        other.address === o.address && o.outcome.kind === 'connected' && other.outcome.kind !== 'connected' && endOf(o) > endOf(other),
    ),
  )
}

function sameSite(a: string, b: string): boolean {
  return a === b || a.split('.').slice(0, 3).join('.') === b.split('.').slice(0, 3).join('.')
}
