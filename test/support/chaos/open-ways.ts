/**
 * Which ways to the relay nobody stands in: those that no rule in force could touch. What a rule may let pass by chance, or by a
 * disguise, does not count; so there may be more open than is said here, never less.
 */

import type { Rule } from '../../../lab/censor/rule.ts'
import { range } from '../../../lab/engine/address.ts'
import { createTopology, type Topology } from '../../../lab/engine/topology.ts'
import { makeRule } from '../../../lab/player/workbench-rule.ts'
import { builtInWorld } from '../../../lab/world.ts'
import type { StandingRule } from '../../../shared/contract/workbench.ts'

interface Way {
  /** Where the first packet goes. */
  readonly address: string
  readonly port: number
  /** The name that is to be read in it; `null`: it does not begin with TLS. */
  readonly sni: string | null
}

export interface OpenWays {
  /** How many ways are surely open for somebody at this place. */
  count(place: string, standing: readonly StandingRule[]): number
}

export function createOpenWays(): OpenWays {
  const world = builtInWorld()
  const topology = createTopology(world)
  const chat = world.offer.endpoints.filter(({ plane }) => plane === 'chat')
  const ways: readonly Way[] = [
    ...chat.flatMap(({ addresses, port, host }) => addresses.map((address) => ({ address, port, sni: host }))),
    ...world.offer.proxies.map(({ address, port, host }) => ({ address, port, sni: host ?? null })),
  ]
  const relays = chat.flatMap(({ addresses }) => addresses)
  const ruleOf = ({ id, rule }: StandingRule): Rule => {
    const made = makeRule(id, rule, { topology, offer: world.offer })
    if (!made.ok) throw new Error(`the lab took what makes no rule: ${JSON.stringify(rule)}`)
    return made.rule
  }
  return {
    count(place, standing) {
      const provider = topology.place(place)?.provider ?? ''
      const rules = standing.map(ruleOf).filter(({ match }) => match.providers?.includes(provider) ?? true)
      return ways.filter((way) => !rules.some((rule) => touches(topology, rule, way, relays))).length
    },
  }
}

function touches(topology: Topology, { match, act }: Rule, { address, port, sni }: Way, relays: readonly string[]): boolean {
  // Nobody waits for a look-up.
  if (match.names) return false
  const holds = (to: string) => match.to?.some((prefix) => range(prefix).has(to)) ?? true
  // A flood is at the far end, wherever one comes from.
  if (act.do === 'load') return [address, ...relays].some(holds)
  if (act.do === 'allowlist') return !act.prefixes.some((prefix) => range(prefix).has(address))
  if (match.ports && !match.ports.includes(port)) return false
  if (match.toProviders && !match.toProviders.includes(topology.providerOf(address)?.id ?? '')) return false
  if (!holds(address)) return false
  if (match.sni) return sni !== null && match.sni.some(({ text }) => sni.includes(text))
  // What is not TLS may look like a plain request, or like nothing.
  if (match.host || match.payload) return sni === null
  return true
}
