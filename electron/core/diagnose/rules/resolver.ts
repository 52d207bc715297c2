/** The resolver itself, before what it says: whether it is this network's own and contradicts the one behind it, answers nobody, or is slow for everybody. */
import type { Run } from '../history.ts'
import type { DnsObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, median, type Scene } from '../scene.ts'
import type { RuleHit } from './hit.ts'
import { isProven, type Truth } from './truth.ts'

type Judged = Pick<RuleHit, 'rule' | 'kind' | 'weights' | 'mechanism' | 'place' | 'proof' | 'code' | 'control' | 'facts'>

export function resolverHit(scene: Scene, run: Run<DnsObservation>, truth: Truth): Judged | null {
  return orderedFilter(scene, run.last) ?? filteredHere(scene, run.last, truth) ?? answersNobody(scene, run.last) ?? isSlow(scene, run.last)
}

/** Where a filter leads that the household ordered itself, which no lookup elsewhere can tell from a lie: published lists can (detection.md 1.4). */
function orderedFilter({ context }: Scene, { outcome, name }: DnsObservation): Judged | null {
  const known = new Set(context.householdFilters ?? [])
  if (outcome.kind !== 'answer' || outcome.addresses.length === 0 || !outcome.addresses.every((address) => known.has(address))) return null
  return {
    rule: 'D1f',
    kind: 'local_filter',
    weights: { blocked: 0.9, down: 0, ok: 0 },
    mechanism: null,
    place: 'resolver',
    proof: true,
    code: 'lookup-household-filter',
    control: 'published-list',
    facts: { name, answer: outcome.addresses.join(' ') },
  }
}

/**
 * A filter of this household or computer: its resolver says one thing, the next that this computer was told to use says the truth.
 * A censor's resolver has no honest one of the same network behind it.
 */
function filteredHere(scene: Scene, seen: DnsObservation, truth: Truth): Judged | null {
  const { outcome } = seen
  if (!seen.near || (outcome.kind !== 'answer' && outcome.kind !== 'nxdomain')) return null
  const said = outcome.kind === 'answer' ? outcome.addresses : []
  if (said.some((address) => truth.addresses.has(address) || isProven(scene, address, seen.name))) return null
  const behind = scene.dns.find(
    ({ last }) => last.resolver === 'other' && last.name === seen.name && Math.abs(last.at - seen.at) < CONTROL_WINDOW_MS,
  )?.last.outcome
  if (behind?.kind !== 'answer' || !behind.addresses.some((address) => truth.addresses.has(address))) return null
  return {
    rule: 'G2d',
    kind: 'local_filter',
    weights: { blocked: 0.9, down: 0, ok: 0 },
    mechanism: null,
    place: 'network',
    proof: true,
    code: 'lookup-filtered-here',
    control: 'lookup-behind-differs',
    facts: { name: seen.name, answer: said.join(' '), expected: behind.addresses.join(' ') },
  }
}

/** The newest lookups here of two unrelated names at least, or none. */
function lately({ dns }: Scene, at: number): readonly DnsObservation[] {
  const asked = dns.map(({ last }) => last).filter((o) => o.resolver === 'system' && !o.madeUp && Math.abs(o.at - at) < CONTROL_WINDOW_MS)
  return asked.some(({ role }) => role === 'control') ? asked : []
}

function answersNobody(scene: Scene, seen: DnsObservation): Judged | null {
  const asked = lately(scene, seen.at)
  if (asked.length === 0 || asked.some(({ outcome }) => outcome.kind !== 'timeout')) return null
  return {
    rule: 'D11',
    ...poor,
    code: 'lookup-answers-nobody',
    control: 'other-name-silent-too',
    facts: { name: seen.name, names: asked.length },
  }
}

/** Beyond the time in which a lost question is asked again. */
const SLOW_MS = 2000

/** Seconds for every name, while connections on the same line take a fraction of that. */
function isSlow(scene: Scene, seen: DnsObservation): Judged | null {
  const asked = lately(scene, seen.at)
  const connects = scene.tcp.map(({ last }) => last).filter((o) => o.outcome.kind === 'connected' && o.source !== 'proxy')
  const usual = median(connects.map(({ ms }) => ms))
  const slow = ({ outcome, ms }: DnsObservation) =>
    outcome.kind === 'timeout' || (outcome.kind === 'answer' && ms > SLOW_MS && ms > 4 * usual)
  if (asked.length === 0 || connects.length === 0 || !asked.every(slow)) return null
  return {
    rule: 'D12',
    ...poor,
    code: 'lookup-slow',
    control: 'other-name-slow-too',
    facts: { name: seen.name, ms: Math.round(median(asked.map(({ ms }) => ms))) },
  }
}

const poor = {
  kind: 'degraded',
  weights: { blocked: 0, down: 0.8, ok: 0 },
  mechanism: null,
  place: 'resolver',
  proof: false,
} as const
