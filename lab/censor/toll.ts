/** How many addresses the rules in force make unreachable, whatever is said to them: what a list of prefixes costs everybody else. */
import { intersection, type Spans, sizeOf, spansOf, union, without } from '../engine/spans.ts'
import type { Topology } from '../engine/topology.ts'
import type { Rule } from './rule.ts'

/** All that there can be in the lab. */
const EVERYTHING = spansOf(['240.0.0.0/4'])
const byAddress: ReadonlySet<Rule['act']['do']> = new Set(['drop', 'reset', 'unreachable', 'allowlist'])

/** IPv4 addresses that nobody at `place` reaches by any port, each counted once, however many rules name it. */
export function addressesBlocked(rules: readonly Rule[], topology: Topology, place: string): number {
  return sizeOf(union(...rules.filter((rule) => isWhole(rule) && standsBefore(rule, topology, place)).map((rule) => toll(rule, topology))))
}

/** It does the same to every flow there, by the address alone. */
function isWhole({ act, match, share }: Rule): boolean {
  return byAddress.has(act.do) && share === 1 && ![match.names, match.sni, match.host, match.payload, match.ports].some(Boolean)
}

function standsBefore({ match }: Rule, topology: Topology, place: string): boolean {
  const provider = topology.provider(topology.place(place)?.provider ?? '')
  if (!provider || (match.places && !match.places.includes(place))) return false
  return !match.providers || [provider.id, provider.via].some((id) => id !== undefined && match.providers?.includes(id))
}

function toll({ act, match }: Rule, topology: Topology): Spans {
  const owned = match.toProviders && spansOf(match.toProviders.flatMap((id) => topology.provider(id)?.prefixes ?? []))
  const named = intersection(match.to ? spansOf(match.to) : EVERYTHING, owned ?? EVERYTHING)
  return act.do === 'allowlist' ? without(named, spansOf(act.prefixes)) : named
}
