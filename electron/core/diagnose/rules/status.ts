/** What the service itself says inside its own authenticated session: its words, not those of anybody on the way (OONI #2333, #2528). */
import type { Plane } from '../../../../shared/contract/path.ts'
import type { Run } from '../history.ts'
import type { StatusObservation } from '../observation.ts'
import { type Scene, targetsOf } from '../scene.ts'
import type { RuleHit } from './hit.ts'

/** Any answer but these shows that the service serves: which page there is, is no matter of diagnosis (OONI #756). */
export function refusalIn(status: number): 'server_side_denial' | 'overload' | 'service_fault' | null {
  if (status === 403 || status === 451) return 'server_side_denial'
  if (status === 429 || status === 503) return 'overload'
  return status >= 500 ? 'service_fault' : null
}

export function statusHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  return targetsOf(scene.status, plane).flatMap((run) => judge(run) ?? [])
}

const rules = {
  server_side_denial: { rule: 'H3', code: 'relay-refuses' },
  overload: { rule: 'H2', code: 'relay-overloaded' },
  service_fault: { rule: 'H4', code: 'relay-answers-with-fault' },
} as const

function judge({ last: { outcome, at, endpoint, address, provider }, repeats }: Run<StatusObservation>): RuleHit | null {
  const kind = outcome.kind === 'status' ? refusalIn(outcome.status) : null
  if (outcome.kind !== 'status' || kind === null) return null
  return {
    ...rules[kind],
    kind,
    layer: 'hello',
    weights: { blocked: 0, down: 0.9, ok: 0 },
    mechanism: null,
    place: 'service',
    endpoint,
    repeats,
    timing: false,
    // Said inside a session that proved itself: nobody on the way can say it.
    proof: true,
    at,
    facts: { address, provider, status: outcome.status },
    control: 'none',
  }
}
