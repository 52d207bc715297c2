/** Recognising: what the relay says over a finished session, or who says something else in its place. */
import type { Plane } from '../../../../shared/contract/path.ts'
import type { Run } from '../history.ts'
import type { HelloObservation } from '../observation.ts'
import { isLongSilence, type Scene, targetsOf } from '../scene.ts'
import type { RuleHit } from './hit.ts'

export function helloHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  return targetsOf(scene.hello, plane)
    .filter((run) => run.last.source === 'bundle')
    .flatMap((run) => judgeHello(scene, run) ?? [])
}

function judgeHello(scene: Scene, { last: seen, repeats }: Run<HelloObservation>): RuleHit | null {
  if (seen.outcome.kind === 'timeout' && !isLongSilence(scene, seen.ms)) return null
  const base = {
    layer: 'hello',
    endpoint: seen.endpoint,
    repeats,
    timing: false,
    proof: false,
    at: seen.at,
    facts: { address: seen.address, provider: seen.provider },
    control: 'none',
  } as const
  switch (seen.outcome.kind) {
    case 'proven':
      return null
    case 'unproven':
      // The exporter differs: two TLS sessions where there should be one.
      return {
        ...base,
        rule: 'H1',
        weights: { blocked: 0.97, down: 0, ok: 0.03 },
        mechanism: 'tls_mitm',
        place: 'way',
        proof: seen.outcome.reason === 'channel-mismatch',
        code: 'hello-unproven',
        facts: { ...base.facts, reason: seen.outcome.reason },
      }
    case 'refused':
      if (seen.outcome.code === 'overloaded')
        return {
          ...base,
          rule: 'H2',
          kind: 'overload',
          weights: { blocked: 0, down: 0.9, ok: 0 },
          mechanism: null,
          place: 'service',
          proof: true,
          code: 'relay-overloaded',
        }
      return {
        ...base,
        rule: 'H3',
        kind: 'server_side_denial',
        weights: { blocked: 0, down: 0.9, ok: 0 },
        mechanism: null,
        place: 'service',
        proof: true,
        code: 'relay-refuses',
        facts: { ...base.facts, reason: seen.outcome.code },
      }
    case 'status': {
      const { status } = seen.outcome
      if (status === 429 || status === 503)
        return {
          ...base,
          rule: 'H2',
          kind: 'overload',
          weights: { blocked: 0, down: 0.7, ok: 0 },
          mechanism: null,
          place: 'service',
          code: 'relay-overloaded',
          facts: { ...base.facts, status },
        }
      if (status === 403 || status === 451)
        return {
          ...base,
          rule: 'H3',
          kind: 'server_side_denial',
          weights: { blocked: 0, down: 0.8, ok: 0 },
          mechanism: null,
          place: 'service',
          code: 'relay-refuses',
          facts: { ...base.facts, status },
        }
      return {
        ...base,
        rule: 'H4',
        weights: { blocked: 0.05, down: 0.9, ok: 0 },
        mechanism: null,
        place: 'service',
        code: 'relay-answers-with-fault',
        facts: { ...base.facts, status },
      }
    }
    case 'reset':
    case 'closed':
    case 'timeout':
      return {
        ...base,
        rule: 'H5',
        weights: { blocked: 0.45, down: 0.45, ok: 0.1 },
        mechanism: 'protocol_block',
        place: 'way',
        timing: seen.outcome.kind === 'timeout',
        code: 'cut-after-encryption',
      }
  }
}
