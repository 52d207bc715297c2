/** What a rule says about one plane: which rule, how it weighs, and the evidence line it stands on. */
import type { ControlCode, EvidenceCode } from '../../../../shared/contract/evidence-codes.ts'
import type { EvidenceLine, Mechanism, Place, VerdictKind } from '../../../../shared/contract/path.ts'

/** Prior weights in the manner of OONI's data pipeline (analysis/rules.py): they need not sum to one. */
export interface Weights {
  readonly blocked: number
  readonly down: number
  readonly ok: number
}

export interface RuleHit {
  readonly rule: string
  readonly layer: EvidenceLine['layer']
  readonly weights: Weights
  readonly mechanism: Mechanism | null
  /** Set when the rule decides the kind by itself, as a portal or a wrong clock does. */
  readonly kind?: VerdictKind
  readonly place: Place
  readonly endpoint: string
  readonly code: EvidenceCode
  readonly facts: EvidenceLine['facts']
  /** What the comparison saw; `none` when there was nothing to compare with. */
  readonly control: ControlCode
  /** How often the same was seen in a row. */
  readonly repeats: number
  /** The same of the very thing asked here, where `repeats` counts what is alike elsewhere too. */
  readonly inARow?: number
  /** Rests on silence, which a line that has just changed produces too. */
  readonly timing: boolean
  /** Something that could take the blame away was asked for and has yet to answer. */
  readonly isPending?: boolean
  /** Proven by cryptography or by a second, different answer, not by comparison of failures alone. */
  readonly proof: boolean
  readonly at: number
}
