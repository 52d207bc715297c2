/** Encrypting: handshakes that are cut, by name or whatever the name. */
import type { Plane } from '../../../../shared/contract/path.ts'
import { byEnd, isBriefSilence, type Run } from '../history.ts'
import type { TcpObservation, TlsObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, isForged, isLongSilence, rowOf, type Scene, seenFromElsewhere, targetsOf } from '../scene.ts'
import { certificateHit } from './certificate.ts'
import type { RuleHit, Weights } from './hit.ts'

/** A pass so long before the cut says nothing of it. */
const PASSED_BEFORE_MS = 15_000

const byName = {
  reset: ['sni_reset', 'tls-reset-by-name'],
  closed: ['sni_close', 'tls-closed-by-name'],
  timeout: ['sni_drop', 'tls-silent-by-name'],
} as const

export function tlsHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  return targetsOf(scene.tls, plane)
    .filter((run) => run.last.source === 'bundle' && run.last.sni !== null)
    .flatMap((run) => judgeHandshake(scene, run) ?? [])
}

function judgeHandshake(scene: Scene, run: Run<TlsObservation>): RuleHit | null {
  const { seen, repeats } = run.last.outcome.kind === 'timeout' ? silenceOf(scene, run) : { seen: run.last, repeats: cutsAt(scene, run) }
  const base = {
    layer: 'tls',
    place: 'way',
    endpoint: seen.endpoint,
    repeats,
    timing: false,
    proof: false,
    at: seen.at,
    facts: { address: seen.address, sni: seen.sni ?? '', provider: seen.provider, ms: Math.round(seen.ms) },
  } as const
  switch (seen.outcome.kind) {
    case 'established':
    case 'failed':
      return null
    case 'reset':
    case 'closed':
    case 'timeout': {
      if (seen.outcome.kind === 'timeout' && !isLongSilence(scene, seen.ms)) return null
      const [mechanism, code] = byName[seen.outcome.kind]
      const here = nearby(scene, seen).filter(({ last }) => last.address === seen.address && last.sni !== seen.sni)
      const passing = here.filter(({ last }) => answered(last) && last.at > seen.at - PASSED_BEFORE_MS && !isAsSlow(seen, last))
      const reachedSince = Math.min(seen.at, seen.outcome.kind === 'timeout' ? turnedAwaySince(scene, seen) : seen.at)
      if (isOutOfReach(scene, seen) && !passing.some(({ last }) => last.at >= reachedSince)) return null
      const silence = { ...base, timing: seen.outcome.kind === 'timeout' }
      if (passing.length > 0) {
        // Proven twice over: the one name never, the other at once. Cut once, it may have been whoever answers that began anew.
        const weights = { blocked: 0.93, down: 0.02, ok: 0.05 }
        const isPending = repeats < 2 && !silence.timing
        return { ...silence, rule: 'S1', weights, mechanism, proof: true, code, control: 'other-name-passes', isPending }
      }
      const { outcome: from, isPending } = seenFromElsewhere(scene, seen, rowOf(run))
      if (from && from.kind !== 'established' && from.kind !== 'certificate') {
        const weights = { blocked: 0.15, down: 0.85, ok: 0 }
        return {
          ...silence,
          rule: 'S5s',
          weights,
          mechanism: null,
          place: 'service',
          code: 'service-fails-elsewhere-too',
          control: 'fails-from-elsewhere',
        }
      }
      const elsewhere = nearby(scene, seen).some(({ last }) => last.address !== seen.address && answered(last))
      const weights: Weights = elsewhere ? { blocked: 0.7, down: 0.2, ok: 0.1 } : { blocked: 0.35, down: 0.35, ok: 0.1 }
      // Without its name it is cut too: then it is not the name, unless it is what an earlier cut left behind.
      const isNamelessCut = here.some(({ last }) => last.sni === null && !answered(last) && last.at >= seen.at)
      const whatever = isNamelessCut && !isClosing(scene, seen)
      return {
        ...silence,
        isPending,
        rule: 'S3',
        weights,
        mechanism: whatever ? 'protocol_block' : mechanism,
        code: whatever ? 'tls-cut-whatever-name' : code,
        control: from ? 'answers-from-elsewhere' : elsewhere ? 'other-places-answer' : 'none',
      }
    }
    case 'certificate':
      return certificateHit(scene, run, seen, seen.outcome)
  }
}

/** What happens in one moment happens once. */
const APART_MS = 250

/** How often it was cut, or another of our names at that address: whoever restarts there cuts all of them once. */
function cutsAt(scene: Scene, { last, repeats }: Run<TlsObservation>): number {
  const isCut = ({ outcome }: TlsObservation) => outcome.kind === 'reset' || outcome.kind === 'closed'
  if (!isCut(last)) return repeats
  const cut = scene.tls.filter(({ last: o }) => o.role === 'target' && o.address === last.address && o.source !== 'proxy' && isCut(o))
  const moments = cut.flatMap(({ all, repeats: row }) => all.slice(-row).map(({ at }) => at)).toSorted((a, b) => a - b)
  return Math.max(repeats, moments.filter((at, i) => i === 0 || at - (moments[i - 1] ?? 0) >= APART_MS).length)
}

/** The longest of those in a row: one that has only begun takes nothing back. */
function silenceOf(scene: Scene, { last, repeats, all }: Run<TlsObservation>): { seen: TlsObservation; repeats: number } {
  const row = all.slice(-repeats).filter(({ ms }) => isLongSilence(scene, ms))
  return { seen: row.toSorted((a, b) => a.ms - b.ms || byEnd(a, b)).at(-1) ?? last, repeats: Math.max(1, row.length) }
}

/**
 * Not even a connection opens there any more: what cut that off cut the handshake as well (detection.md 1.1, a layer above a blocked one is
 * masked). Where another name passed since, it was the name after all, and what cuts connections now is its residue; and so is a forged
 * refusal after a forged reset.
 */
function isOutOfReach(scene: Scene, { address, at, outcome }: TlsObservation): boolean {
  return failingAt(scene, address).some((o) => o.at >= at && !(outcome.kind === 'reset' && isForged(scene, o)))
}

function failingAt({ tcp }: Scene, address: string): readonly TcpObservation[] {
  return tcp
    .map(({ last }) => last)
    .filter(
      (o) => o.role === 'target' && o.source !== 'proxy' && o.address === address && o.outcome.kind !== 'connected' && !isBriefSilence(o),
    )
}

/** Whether connections to it were refused or lost of late: who is cut whatever the name is let in each time. */
function isClosing({ tcp }: Scene, { address, at }: TlsObservation): boolean {
  const isFailure = (o: TcpObservation) => o.role === 'target' && o.source !== 'proxy' && o.outcome.kind !== 'connected'
  return tcp.some(({ all }) => all.some((o) => o.address === address && isFailure(o) && Math.abs(at - o.at) < CONTROL_WINDOW_MS))
}

/** Who refuses is no reason for silence: a crowd turns some away, and answers those it lets in. Since when it does; infinite: it does not. */
function turnedAwaySince(scene: Scene, { address, at }: TlsObservation): number {
  const isRefusal = ({ outcome }: TcpObservation) => outcome.kind === 'refused' || outcome.kind === 'reset'
  if (!failingAt(scene, address).every(isRefusal)) return Number.POSITIVE_INFINITY
  const refused = scene.tcp.flatMap(({ all }) => all).filter((o) => o.address === address && isRefusal(o) && at - o.at < CONTROL_WINDOW_MS)
  return Math.min(...refused.map((o) => o.at))
}

/** Where another name waited about as long for its answer, there is a queue, and this one's may have been on its way. */
function isAsSlow({ outcome, ms }: TlsObservation, other: TlsObservation): boolean {
  return outcome.kind === 'timeout' && ms < 3 * other.ms
}

function nearby(scene: Scene, seen: TlsObservation) {
  return scene.tls.filter(({ last }) => Math.abs(last.at - seen.at) < CONTROL_WINDOW_MS && last.source !== 'proxy')
}

/** A certificate, even a wrong one, shows that the handshake was let through. */
function answered(o: TlsObservation): boolean {
  return o.outcome.kind === 'established' || o.outcome.kind === 'certificate'
}
