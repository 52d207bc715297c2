/** The map as data: what stands where, what is joined to what, and the gates of the rules in force. */
import type { GatewayState } from '../../shared/protocol/processes.ts'
import type { Judge } from '../censor/judge.ts'
import type { Topology } from '../engine/topology.ts'
import type { Host, Provider } from '../engine/world.ts'

type Drawing = Pick<GatewayState, 'nodes' | 'edges' | 'gates'>
type Node = GatewayState['nodes'][number]

export interface Scene {
  readonly topology: Topology
  readonly judge: Judge
  readonly clients: readonly { readonly name: string; readonly vantage: string; readonly online: boolean }[]
  /** Whether a provider, place or host belongs to what is shown. */
  belongs(id: string): boolean
  /** Places to show; where a client stands is always shown. */
  readonly places: readonly string[]
  isHostUp(host: Host): boolean
  /** `null` leaves the false page out. */
  readonly recorded: number | null
}

export const placeNode = (id: string) => `place:${id}`
export const providerNode = (id: string) => `net:${id}`
export const hostNode = (id: string) => `host:${id}`

const hostKinds: Record<Host['kind'], Node['kind']> = {
  resolver: 'resolver',
  doh: 'resolver',
  site: 'neighbour',
  relay: 'service',
  socks5: 'proxy',
  'http-connect': 'proxy',
  'false-page': 'falsepage',
  echo: 'proxy',
  talker: 'neighbour',
}

export function draw(scene: Scene): Drawing {
  const { topology, judge, clients } = scene
  const { world } = topology
  const placeIds = new Set([...scene.places, ...clients.map((client) => client.vantage)])
  const places = world.places.filter((place) => placeIds.has(place.id))
  const access = new Set(places.map((place) => place.provider))
  const waysOut = new Set(world.providers.filter((each) => access.has(each.id)).flatMap((each) => each.via ?? []))
  const isShown = (provider: Provider) => {
    if (!scene.belongs(provider.id) && !access.has(provider.id)) return false
    if (provider.kind === 'access') return access.has(provider.id)
    if (provider.kind === 'transit') return waysOut.has(provider.id)
    // What hangs behind one country's way out is of no matter where nobody stands there.
    return provider.via === undefined || waysOut.has(provider.via)
  }
  const providers = world.providers.filter(isShown)
  const shown = new Set(providers.map((provider) => provider.id))
  const hosts = world.hosts.filter(
    (host) =>
      shown.has(host.provider) &&
      scene.belongs(host.id) &&
      host.kind !== 'talker' &&
      (host.kind !== 'echo' || scene.isHostUp(host)) &&
      (host.kind !== 'false-page' || scene.recorded !== null),
  )
  const peopled = new Set(hosts.map((host) => host.provider))

  const nodes: Node[] = [
    ...places.map((place): Node => ({ id: placeNode(place.id), title: place.title, column: 'places', kind: 'place', up: true })),
    ...clients
      .filter((client) => client.online)
      .map(
        (client): Node => ({
          id: `person:${client.name}`,
          title: client.name,
          column: 'places',
          kind: 'person',
          parent: placeNode(client.vantage),
          up: true,
        }),
      ),
    ...providers
      .filter((provider) => provider.kind === 'access' || provider.kind === 'transit' || peopled.has(provider.id))
      .map((provider): Node => ({ id: providerNode(provider.id), title: provider.title, up: true, ...look(provider) })),
    ...hosts.map((host): Node => {
      const up = scene.isHostUp(host)
      const counter = host.kind === 'false-page' && scene.recorded !== null ? { counter: scene.recorded } : {}
      return {
        id: hostNode(host.id),
        title: host.title,
        column: access.has(host.provider) ? 'providers' : 'clouds',
        kind: hostKinds[host.kind],
        parent: providerNode(host.provider),
        up,
        ...counter,
      }
    }),
  ]
  const drawn = new Set(nodes.map((node) => node.id))
  const edges = [
    ...places.map((place) => ({ from: placeNode(place.id), to: providerNode(place.provider) })),
    ...providers
      .filter((provider) => provider.kind === 'access' && provider.via !== undefined)
      .map((provider) => ({ from: providerNode(provider.id), to: providerNode(provider.via ?? '') })),
    ...providers
      .filter((provider) => provider.kind !== 'access' && provider.kind !== 'transit')
      .flatMap((provider) => {
        const ways = provider.via === undefined ? [...waysOut] : [provider.via]
        return ways.map((way) => ({ from: providerNode(way), to: providerNode(provider.id) }))
      }),
  ].filter((edge) => drawn.has(edge.from) && drawn.has(edge.to))
  const gates = judge.rules.flatMap((rule) =>
    // A rule for everybody stands where people are.
    [...access, ...[...waysOut].filter((id) => rule.match.providers?.includes(id))]
      .filter((id) => !rule.match.providers || rule.match.providers.includes(id))
      .map((id) => ({
        id: `${rule.id}@${id}`,
        at: providerNode(id),
        act: rule.act.do,
        label: rule.label,
        by: judge.byOf(rule.id),
      })),
  )
  return { nodes, edges, gates }
}

function look(provider: Provider): Pick<Node, 'column' | 'kind'> {
  switch (provider.kind) {
    case 'access':
      return { column: 'providers', kind: 'provider' }
    case 'transit':
      return { column: 'wayout', kind: 'exchange' }
    default:
      return { column: 'clouds', kind: 'cloud' }
  }
}
