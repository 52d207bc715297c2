/** Look-ups over a world: which provider holds an address, and how packets fare between two providers. */
import { type Range, range } from './address.ts'
import type { Host, Link, Place, Provider, World } from './world.ts'

export interface Route {
  readonly rttMs: number
  readonly jitterMs: number
  readonly loss: number
  readonly kbps: number | null
  /** The same for all flows between two providers: who shares a bottleneck. */
  readonly key: string
}

export interface Topology {
  readonly world: World
  providerOf(address: string): Provider | null
  provider(id: string): Provider | null
  place(id: string): Place | null
  host(id: string): Host | null
  route(from: string, to: string | null): Route
}

const DEFAULT_RTT_MS = 60
/** Between two machines of one provider. */
const NEAR_RTT_MS = 8

export function createTopology(world: World): Topology {
  const prefixes: { readonly range: Range; readonly bits: number; readonly provider: Provider }[] = world.providers
    .flatMap((provider) => provider.prefixes.map((text) => ({ range: range(text), bits: Number(text.split('/')[1]), provider })))
    // Longest prefix first, as routers choose.
    .sort((a, b) => b.bits - a.bits)
  const providers = new Map(world.providers.map((provider) => [provider.id, provider]))
  const places = new Map(world.places.map((place) => [place.id, place]))
  const hosts = new Map(world.hosts.map((host) => [host.id, host]))
  const owners = new Map<string, Provider | null>()
  const routes = new Map<string, Route>()

  return {
    world,
    provider: (id) => providers.get(id) ?? null,
    place: (id) => places.get(id) ?? null,
    host: (id) => hosts.get(id) ?? null,
    providerOf(address) {
      const known = owners.get(address)
      if (known !== undefined) return known
      const owner = prefixes.find((each) => each.range.has(address))?.provider ?? null
      if (owners.size < 10_000) owners.set(address, owner)
      return owner
    },
    route(from, to) {
      const key = `${from}>${to ?? '?'}`
      const known = routes.get(key)
      if (known) return known
      const link = bestLink(world.links, from, to)
      const route: Route = {
        rttMs: link?.rttMs ?? (from === to ? NEAR_RTT_MS : DEFAULT_RTT_MS),
        jitterMs: link?.jitterMs ?? 0,
        loss: link?.loss ?? 0,
        kbps: link?.kbps ?? null,
        key,
      }
      routes.set(key, route)
      return route
    },
  }
}

function bestLink(links: readonly Link[], from: string, to: string | null): Link | null {
  let best: { link: Link; score: number } | null = null
  for (const link of links) {
    if ((link.from !== '*' && link.from !== from) || (link.to !== '*' && link.to !== to)) continue
    const score = (link.from === '*' ? 0 : 2) + (link.to === '*' ? 0 : 1)
    if (!best || score >= best.score) best = { link, score }
  }
  return best?.link ?? null
}
