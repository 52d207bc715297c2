/** Which rules have something to say to somebody's traffic, told from the data alone; rather one too many than one too few. */
import type { Pattern, Rule } from '../censor/rule.ts'
import { range } from '../engine/address.ts'
import type { Topology } from '../engine/topology.ts'
import type { Host, Talk } from '../engine/world.ts'
import type { Check } from './scenario.ts'

type Fate = NonNullable<Extract<Check, { of: 'packets' }>['fates']>[number]
export const acted: readonly Fate[] = ['lied', 'dropped', 'reset', 'slowed']

/** What the log says of a packet that met it. */
export function fatesOf({ act }: Rule): readonly Fate[] {
  switch (act.do) {
    case 'lie':
    case 'inject':
    case 'blockpage':
    case 'intercept':
    case 'reroute':
      return ['lied']
    case 'reset':
    case 'close':
    case 'unreachable':
      return ['reset']
    case 'throttle':
      return ['dropped', 'slowed']
    case 'load':
      return ['slowed', 'reset']
    default:
      return ['dropped']
  }
}

export function meets(
  rule: Rule,
  { provider, talk }: { readonly provider: string; readonly talk: Pick<Talk, 'to' | 'port' | 'say' | 'name'> },
  topology: Topology,
): boolean {
  const { match, act } = rule
  const toProvider = topology.providerOf(talk.to)?.id
  if (match.providers && !match.providers.includes(provider)) return false
  if (match.ports && !match.ports.includes(talk.port)) return false
  if (match.toProviders && !(toProvider !== undefined && match.toProviders.includes(toProvider))) return false
  if (match.to && !match.to.some((prefix) => range(prefix).has(talk.to))) return false
  if (match.names) return talk.say === 'dns' && match.names.some((name) => talk.name === name || talk.name.endsWith(`.${name}`))
  if (match.sni) return talk.say === 'tls' && match.sni.some((pattern) => fits(pattern, talk.name))
  if (match.host) return talk.say === 'http' && match.host.some((pattern) => fits(pattern, talk.name))
  if (match.payload?.includes('opaque')) return talk.say === 'opaque'
  switch (act.do) {
    case 'allowlist':
      return !act.prefixes.some((prefix) => range(prefix).has(talk.to))
    case 'protocol':
    case 'probe':
      return talk.say === 'opaque' || talk.say === 'socks5'
    case 'drop':
      return true
    default:
      // Questions by UDP are dropped by address; nothing else about addresses is done to them.
      return talk.say !== 'dns'
  }
}

export function fits({ how, text }: Pattern, name: string): boolean {
  switch (how) {
    case 'exact':
      return name === text
    case 'suffix':
      return name === text || name.endsWith(`.${text}`)
    case 'contains':
      return name.includes(text)
  }
}

/** A machine of the world that answers there, if one is up. */
export function hostIn(prefixes: readonly string[], topology: Topology, kinds: readonly Host['kind'][]): Host | null {
  const ranges = prefixes.map(range)
  const isIn = (host: Host) => host.addresses.some((address) => ranges.some((one) => one.has(address)))
  return (
    topology.world.hosts.find((host) => host.up && kinds.includes(host.kind) && topology.broughtBy(host.id) === null && isIn(host)) ?? null
  )
}
