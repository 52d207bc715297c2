/** Which sentences of the catalogue say a finding, a reason, a fact. Open lists of codes have an honest general sentence. */

import type { Mechanism, Verdict } from '../../../../shared/contract/path.ts'
import en from '../../i18n/en/path.json'
import { inWords } from './causes.ts'
import type { PathKey } from './line-words.ts'

const isKey = (key: string): key is PathKey => key in en

/** Names that another named mechanism already says, and more exactly. */
const saidBy: Partial<Record<Mechanism, readonly Mechanism[]>> = {
  ip_drop: ['prefix_block'],
  dns_lie: ['dns_injection'],
  selective_media: ['rate_limit', 'byte_freeze', 'sni_throttle', 'ip_drop', 'prefix_block', 'sni_reset', 'sni_close', 'sni_drop'],
}

type Told = Pick<Verdict, 'plane' | 'kind' | 'mechanisms' | 'word'> & Partial<Pick<Verdict, 'place' | 'evidence'>>

/** The finding as sentences: the first says what matters, others follow where several things are wrong at once. */
export function findingKeys(verdict: Told): readonly PathKey[] {
  const { plane, kind } = verdict
  if (kind === 'offline' && verdict.place && verdict.place !== 'device') return [`finding.${plane}.offline.beyond`]
  if (kind === 'inconclusive' && verdict.evidence?.length === 0) return [`finding.${plane}.unchecked`]
  const named = verdict.mechanisms
    .filter((mechanism) => !saidBy[mechanism]?.some((other) => verdict.mechanisms.includes(other)))
    .map((mechanism) => inWords(mechanism, verdict.evidence))
  if (kind !== 'interference' || named.length === 0) return [`finding.${plane}.${kind}`]
  return named.map(
    (mechanism): PathKey =>
      mechanism === 'dns_lie' && verdict.word === 'suspected' ? `finding.${plane}.dns_lie.suspected` : `finding.${plane}.${mechanism}`,
  )
}

export function reasonKey(reason: string): PathKey {
  const key = `reason.${reason}`
  if (isKey(key)) return key
  return reason.startsWith('dns') ? 'reason.dns' : 'reason.other'
}

/** What a rule says in general; one that the catalogue does not know has a general sentence. */
export function ruleKey(rule: string): PathKey {
  const key = `rule.${rule}`
  return isKey(key) ? key : 'rule.other'
}

/** The label of a raw fact; `null` where it has none and shows under its own name. */
export function factKey(fact: string): PathKey | null {
  const key = `fact.${fact}`
  return isKey(key) ? key : null
}
