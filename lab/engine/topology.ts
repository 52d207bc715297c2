/**
 * Look-ups over a world that may grow: which provider holds an address, how packets fare between two providers, and which scenario
 * brought what.
 */
import { type Range, range } from './address.ts'
import { type Host, joinWorld, type Link, type Place, type Provider, type World, type WorldPart } from './world.ts'

export interface Route {
  readonly rttMs: number
  readonly jitterMs: number
  readonly loss: number
  readonly kbps: number | null
  /** The same for all flows between two providers: who shares a bottleneck. */
  readonly key: string
}

export interface Topology {
  /** As it is now. */
  readonly world: World
  /**
   * Adds what a scenario brings, in place of what it brought before. What another brought just so belongs to both. Throws
   * `RangeError` when it does not fit; then nothing has changed.
   */
  add(scenario: string, part: WorldPart): void
  /** Takes away what only this scenario brought. */
  remove(scenario: string): void
  /** The scenarios that brought this provider, place or host; `null`: it was there before. */
  broughtBy(id: string): ReadonlySet<string> | null
  providerOf(address: string): Provider | null
  provider(id: string): Provider | null
  place(id: string): Place | null
  host(id: string): Host | null
  hostAt(address: string): Host | null
  route(from: string, to: string | null): Route
}

const DEFAULT_RTT_MS = 60
/** Between two machines of one provider. */
const NEAR_RTT_MS = 8

export function createTopology(base: World): Topology {
  let world = base
  let index = indexOf(world)
  let parts: ReadonlyMap<string, WorldPart> = new Map()
  let bringers = new Map<string, Set<string>>()
  const owners = new Map<string, Provider | null>()
  const routes = new Map<string, Route>()

  const put = (next: ReadonlyMap<string, WorldPart>) => {
    world = joinWorld(base, withoutTwins([...next.values()]))
    parts = next
    index = indexOf(world)
    bringers = new Map()
    for (const [scenario, part] of next) {
      for (const { id } of [...part.providers, ...part.places, ...part.hosts])
        bringers.set(id, (bringers.get(id) ?? new Set()).add(scenario))
    }
    owners.clear()
    routes.clear()
  }

  return {
    get world() {
      return world
    },
    add: (scenario, part) => put(new Map([...parts].filter(([id]) => id !== scenario)).set(scenario, part)),
    remove: (scenario) => put(new Map([...parts].filter(([id]) => id !== scenario))),
    broughtBy: (id) => bringers.get(id) ?? null,
    provider: (id) => index.providers.get(id) ?? null,
    place: (id) => index.places.get(id) ?? null,
    host: (id) => index.hosts.get(id) ?? null,
    hostAt: (address) => index.hostsByAddress.get(address) ?? null,
    providerOf(address) {
      const known = owners.get(address)
      if (known !== undefined) return known
      const owner = index.prefixes.find((each) => each.range.has(address))?.provider ?? null
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

/** What a part says, word by word. */
const texts = new WeakMap<object, string>()

/** The same thing, brought by two, is there once. */
function withoutTwins(parts: readonly WorldPart[]): WorldPart[] {
  const seen = new Set<string>()
  const isFirst = (each: object) => {
    const text = texts.get(each) ?? JSON.stringify(each)
    texts.set(each, text)
    return !seen.has(text) && seen.add(text)
  }
  return parts.map((part) => ({
    ...part,
    providers: part.providers.filter(isFirst),
    links: part.links.filter(isFirst),
    places: part.places.filter(isFirst),
    hosts: part.hosts.filter(isFirst),
  }))
}

interface Index {
  readonly prefixes: readonly { readonly range: Range; readonly bits: number; readonly provider: Provider }[]
  readonly providers: ReadonlyMap<string, Provider>
  readonly places: ReadonlyMap<string, Place>
  readonly hosts: ReadonlyMap<string, Host>
  readonly hostsByAddress: ReadonlyMap<string, Host>
}

function indexOf({ providers, places, hosts }: World): Index {
  return {
    prefixes: providers
      .flatMap((provider) => provider.prefixes.map((text) => ({ range: range(text), bits: Number(text.split('/')[1]), provider })))
      // Longest prefix first, as routers choose.
      .sort((a, b) => b.bits - a.bits),
    providers: new Map(providers.map((provider) => [provider.id, provider])),
    places: new Map(places.map((place) => [place.id, place])),
    hosts: new Map(hosts.map((host) => [host.id, host])),
    hostsByAddress: new Map(hosts.flatMap((host) => host.addresses.map((address) => [address, host]))),
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
