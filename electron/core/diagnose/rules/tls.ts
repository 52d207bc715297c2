/** Encrypting: handshakes that are cut, by name or whatever the name. */
import type { Plane } from '../../../../shared/contract/path.ts'
import type { Run } from '../history.ts'
import type { TlsObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, isForged, isLongSilence, type Scene, seenFromElsewhere, targetsOf } from '../scene.ts'
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

function judgeHandshake(scene: Scene, { last: seen, repeats }: Run<TlsObservation>): RuleHit | null {
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
      const passing = here.filter(({ last }) => answered(last) && last.at > seen.at - PASSED_BEFORE_MS)
      if (isOutOfReach(scene, seen) && !passing.some(({ last }) => last.at >= seen.at)) return null
      const silence = { ...base, timing: seen.outcome.kind === 'timeout' }
      if (passing.length > 0) {
        // Proven twice over: the one name never, the other at once.
        const weights = { blocked: 0.93, down: 0.02, ok: 0.05 }
        return { ...silence, rule: 'S1', weights, mechanism, proof: true, code, control: 'other-name-passes' }
      }
      const from = seenFromElsewhere(scene, seen.endpoint, seen.address, seen.at)
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
      // Without its name it is cut too: then it is not the name.
      const whatever = here.some(({ last }) => last.sni === null && !answered(last) && last.at >= seen.at)
      return {
        ...silence,
        rule: 'S3',
        weights,
        mechanism: whatever ? 'protocol_block' : mechanism,
        code: whatever ? 'tls-cut-whatever-name' : code,
        control: from ? 'answers-from-elsewhere' : elsewhere ? 'other-places-answer' : 'none',
      }
    }
    case 'certificate':
      return certificateHit(scene, { last: seen, repeats }, seen.outcome)
  }
}

/**
 * Not even a connection opens there any more: what cut that off cut the handshake as well (detection.md 1.1, a layer above a blocked one is
 * masked). Where another name passed since, it was the name after all, and what cuts connections now is its residue; and so is a forged
 * refusal after a forged reset.
 */
function isOutOfReach(scene: Scene, { address, at, outcome }: TlsObservation): boolean {
  return scene.tcp.some(
    ({ last }) =>
      last.role === 'target' &&
      last.source !== 'proxy' &&
      last.address === address &&
      last.at >= at &&
      last.outcome.kind !== 'connected' &&
      !(outcome.kind === 'reset' && isForged(scene, last)),
  )
}

function nearby(scene: Scene, seen: TlsObservation) {
  return scene.tls.filter(({ last }) => Math.abs(last.at - seen.at) < CONTROL_WINDOW_MS && last.source !== 'proxy')
}

/** A certificate, even a wrong one, shows that the handshake was let through. */
function answered(o: TlsObservation): boolean {
  return o.outcome.kind === 'established' || o.outcome.kind === 'certificate'
}
