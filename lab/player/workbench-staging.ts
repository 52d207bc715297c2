/**
 * Who stands in a scenario of the workbench so that its censor is met whatever any app does: for each rule somebody whose traffic it is
 * about, one whom no rule is about, and one elsewhere.
 */

import * as v from 'valibot'
import type { Rule } from '../censor/rule.ts'
import { range } from '../engine/address.ts'
import type { Topology } from '../engine/topology.ts'
import { Name, type Talk } from '../engine/world.ts'
import { nth } from '../gateway/clients.ts'
import { fits, hostIn, meets } from './workbench-meets.ts'

/** As it stands in a file: what has a default may be left out. */
export interface StagedHost {
  readonly id: string
  readonly title: string
  readonly provider: string
  readonly kind: 'talker' | 'echo'
  readonly addresses: readonly string[]
  readonly talk?: Pick<Talk, 'to' | 'port' | 'say' | 'name' | 'everyMs'> & { readonly bytes?: number }
  readonly up: false
}

/** A machine that anybody may talk to, and the network it stands in. */
const ECHO_PROVIDER = 'nl-hosting'
const echoPorts = [443, 80, 53, 8388]
/** One of the simulated ranges that nobody else has anything in; who only talks need not stand in a provider's own. */
const TALKERS = '251.0.0.0/8'
const EVERY_MS = 500
const BUSY_EVERY_MS = 1500
/** A rule is seen at work with this certainty, or nothing is promised. */
const DOUBT = 1e-5

export interface Stage {
  readonly hosts: readonly StagedHost[]
  /** Meets the rule, surely, in a window of so many ms; `null`: that cannot be promised. */
  witness(rule: Rule, provider: string, windowMs: number): StagedHost | null
  /** Goes somewhere that none of these rules is about; `null`: there is no such place. */
  bystander(rules: readonly Rule[], provider: string): StagedHost | null
}

/** `id`: of the scenario; the same one is staged the same way. */
export function createStaging(id: string, topology: Topology): Stage {
  const hosts: StagedHost[] = []
  const taken = new Set(topology.world.hosts.flatMap((host) => host.addresses))
  const shortId = id.slice(0, 32)

  const free = (of: (turn: number) => string): string => {
    let turn = 0
    while (taken.has(of(turn))) turn++
    taken.add(of(turn))
    return of(turn)
  }
  const put = (host: StagedHost): StagedHost => {
    hosts.push(host)
    return host
  }
  const talker = (provider: string, talk: NonNullable<StagedHost['talk']>): StagedHost => {
    const key = `${shortId}-t${hosts.length + 1}`
    const [a, b, c] = threeBytes(`${id} ${key}`)
    const address = free((turn) => `${TALKERS.split('.')[0]}.${a}.${b}.${1 + ((c + turn) % 250)}`)
    return put({ id: key, title: 'Somebody of the lab', provider, kind: 'talker', addresses: [address], talk, up: false })
  }
  /** A machine that sends back, in the first of a cloud's prefixes, or where nobody minds. */
  const echoIn = (provider: string): string => {
    const there = hosts.find((host) => host.kind === 'echo' && host.provider === provider)?.addresses[0]
    if (there !== undefined) return there
    const prefix = topology.provider(provider)?.prefixes[0] ?? ''
    const [a] = threeBytes(`${id} ${provider}`)
    const address = free((turn) => nth(prefix, 60 + ((a + turn) % 180)))
    put({
      id: `${shortId}-e${hosts.length + 1}`,
      title: 'A server that sends back',
      provider,
      kind: 'echo',
      addresses: [address],
      up: false,
    })
    return address
  }

  /** Whose whole first prefix the rule is about, and what is there. */
  const placeFor = ({ match }: Rule): string | null => {
    if (!match.to && !match.toProviders) return ECHO_PROVIDER
    const held = match.toProviders?.includes(ECHO_PROVIDER) ? ECHO_PROVIDER : match.toProviders?.[0]
    if (held !== undefined) return held
    return topology.world.providers.find(({ prefixes }) => prefixes[0] !== undefined && match.to?.includes(prefixes[0]))?.id ?? null
  }
  const portOf = ({ match }: Rule, open: readonly number[]): number | null =>
    match.ports ? (open.find((port) => match.ports?.includes(port)) ?? null) : (open[0] ?? null)

  /** What to say so that the rule is met once it decides, by its kind. */
  const words = (rule: Rule, provider: string): Omit<NonNullable<StagedHost['talk']>, 'everyMs'> | null => {
    const { match, act } = rule
    const [asked] = match.names ?? []
    if (asked !== undefined) {
      const own = topology.world.places.find((place) => place.provider === provider)?.resolvers[0]
      return own === undefined ? null : { to: own, port: 53, say: 'dns', name: asked }
    }
    const bytes =
      act.do === 'throttle' ? (act.kbps > 1000 ? 524_288 : 65_536) : act.do === 'freeze' ? (act.upToBytes ?? act.afterBytes) + 65_536 : 0
    const more = bytes > 0 ? { bytes } : {}
    const patterns = match.sni ?? match.host
    if (patterns) {
      const name = nameFor(patterns)
      const port = portOf(rule, match.sni ? echoPorts : [80])
      return name === null || port === null ? null : { to: echoIn(ECHO_PROVIDER), port, say: match.sni ? 'tls' : 'http', name, ...more }
    }
    const cloud = placeFor(rule)
    if (match.payload?.includes('opaque') || act.do === 'protocol') {
      const port = portOf(rule, match.payload ? [8388, ...echoPorts] : echoPorts)
      return cloud === null || port === null ? null : { to: echoIn(cloud), port, say: 'opaque', name: 'nobody.test' }
    }
    if (act.do === 'probe') {
      const proxy = hostIn(match.to ?? ['240.0.0.0/4'], topology, ['socks5'])
      const port = portOf(rule, [1080])
      return proxy === null || port === null ? null : { to: proxy.addresses[0] ?? '', port, say: 'socks5', name: 'nobody.test' }
    }
    const port = portOf(rule, echoPorts)
    if (port === null) {
      // Nobody listens there, which only matters to what looks at more than the first packet.
      const first = match.ports?.[0] ?? 443
      const to = first && bytes === 0 && act.do !== 'intercept' ? addressFor(rule) : null
      return to === null ? null : { to, port: first, say: 'tls', name: 'nobody.test' }
    }
    if (cloud !== null) return { to: echoIn(cloud), port, say: 'tls', name: 'nobody.test', ...more }
    const host = hostIn(match.to ?? [], topology, ['relay', 'site', 'doh', 'socks5', 'http-connect'])
    if (bytes > 0 && (!host || !['relay', 'site'].includes(host.kind) || port !== 443 || bytes > 131_072)) return null
    const to = addressFor(rule)
    return to === null ? null : { to, port, say: 'tls', name: host?.names[0] ?? 'nobody.test', ...more }
  }
  const addressFor = ({ match }: Rule): string | null => {
    const prefixes = match.to ?? []
    const host = hostIn(prefixes, topology, ['relay', 'site', 'doh', 'socks5', 'http-connect'])
    const ranges = prefixes.map(range)
    const inside = host?.addresses.find((address) => ranges.some((one) => one.has(address)))
    return inside ?? (prefixes[0] === undefined || prefixes[0].includes(':') ? null : nth(prefixes[0], prefixes[0].endsWith('/32') ? 0 : 9))
  }
  const nameFor = (patterns: NonNullable<Rule['match']['sni']>): string | null => {
    for (const pattern of patterns) {
      const tries = [pattern.text, ...topology.world.hosts.flatMap((host) => host.names), `www.${pattern.text}`, `www.${pattern.text}.test`]
      const name = tries.find((each) => v.is(Name, each) && fits(pattern, each))
      if (name !== undefined) return name
    }
    return null
  }

  return {
    hosts,
    witness(rule, provider, windowMs) {
      const { act, share, shareOf, box, match } = rule
      const isByClient = match.names !== undefined || shareOf === 'destinations'
      const isBusy = act.do === 'throttle' || act.do === 'freeze'
      const late = act.do === 'probe' ? act.delayMs + 2000 : act.do === 'load' ? 3000 : 1500
      if (windowMs < late + 1000 || box.flows < 50 || (isByClient && share < 1)) return null
      const needed = share < 1 ? Math.ceil(Math.log(DOUBT) / Math.log(1 - share)) : 2
      const everyMs = Math.min(isBusy ? BUSY_EVERY_MS : EVERY_MS, Math.floor((windowMs - late) / needed))
      if (everyMs < (isBusy ? 400 : 60)) return null
      const said = words(rule, provider)
      return said && talker(provider, { ...said, everyMs })
    },
    bystander(rules, provider) {
      const sites = topology.world.hosts.filter((host) => host.kind === 'site' && host.up && topology.broughtBy(host.id) === null)
      for (const site of sites) {
        const [to = '', name = ''] = [site.addresses[0], site.names[0]]
        const talk = { to, port: 443, say: 'tls' as const, name, everyMs: EVERY_MS }
        if (!rules.some((rule) => meets(rule, { provider, talk }, topology))) return talker(provider, talk)
      }
      return null
    },
  }
}

/** FNV-1a, folded: any text has a place of its own, nearly always. */
function threeBytes(text: string): [number, number, number] {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return [hash & 255, (hash >>> 8) & 255, (hash >>> 16) & 255]
}
