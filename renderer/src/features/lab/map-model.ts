/**
 * What the map shows, as data: who stands where, which provider leads to which way out, what lives in which cloud, and what
 * stands in the way. Pure; drawn from the lab's state alone, so that nothing is on the map that the gateway did not tell.
 */
import type { Gate, LabState, MapNode, Vantage } from '../../../../shared/contract/lab.ts'
import { isPlain } from './people.ts'

export interface Person {
  readonly name: string
  readonly letter: string
  readonly online: boolean
  /** Nobody's: it stands where a story's person stands, and is not moved by hand. */
  readonly isPlain: boolean
}

export interface PlaceItem {
  readonly vantage: Vantage
  /** The node that beads and edges name it by; absent where the map has none. */
  readonly node: string | null
  readonly people: readonly Person[]
}

export interface ProviderRow {
  readonly provider: MapNode
  readonly places: readonly PlaceItem[]
  readonly resolvers: readonly MapNode[]
  readonly gates: readonly Gate[]
}

export interface Box {
  readonly node: MapNode
  readonly inside: readonly MapNode[]
  /** What floods it. */
  readonly gates: readonly Gate[]
}

export interface MapModel {
  readonly rows: readonly ProviderRow[]
  readonly exchanges: readonly (MapNode & { readonly gates: readonly Gate[] })[]
  readonly boxes: readonly Box[]
  readonly sidings: readonly MapNode[]
  readonly edges: LabState['edges']
}

/** Providers and places may share an id in a world file; the map then marks one with a prefix, as `place:fr-a`. */
const names = (node: string, id: string) => node === id || node.endsWith(`:${id}`)

export function mapModel(lab: Pick<LabState, 'nodes' | 'edges' | 'gates' | 'clients' | 'vantages'>): MapModel {
  const { nodes, edges, gates } = lab
  const linked = (a: string, b: string) => edges.some((edge) => (edge.from === a && edge.to === b) || (edge.from === b && edge.to === a))
  const exchanges = nodes.filter((node) => node.column === 'wayout' && node.kind !== 'falsepage')
  const exchangeOf = (id: string) => exchanges.findIndex((exchange) => linked(exchange.id, id))

  const rows = nodes
    .filter((node) => node.kind === 'provider' && node.column === 'providers')
    .map(
      (provider): ProviderRow => ({
        provider,
        places: lab.vantages
          .filter((vantage) => names(provider.id, vantage.provider))
          .map((vantage) => ({
            vantage,
            node: nodes.find((node) => node.kind === 'place' && names(node.id, vantage.id))?.id ?? null,
            people: peopleAt(lab.clients, vantage.id),
          })),
        resolvers: nodes.filter((node) => node.kind === 'resolver' && node.parent === provider.id),
        gates: gates.filter((gate) => gate.at === provider.id),
      }),
    )
    // Providers that leave by the same way out stand together, so that the lines need not cross.
    .toSorted((a, b) => exchangeOf(a.provider.id) - exchangeOf(b.provider.id))

  const top = nodes.filter((node) => node.column === 'clouds' && node.parent === undefined && node.kind !== 'falsepage')
  const boxes = top.map((node) => ({
    node,
    inside: nodes.filter((inner) => inner.parent === node.id && inner.kind !== 'falsepage'),
    gates: gates.filter((gate) => gate.at === node.id),
  }))
  return {
    rows,
    exchanges: exchanges.map((exchange) => ({ ...exchange, gates: gates.filter((gate) => gate.at === exchange.id) })),
    // A box that only held the false page is shown by the siding.
    boxes: boxes.filter((box) => box.inside.length > 0 || !nodes.some((node) => node.parent === box.node.id)),
    sidings: nodes.filter((node) => node.kind === 'falsepage'),
    edges,
  }
}

/** Our own service is down only where it is not in use, so far or any more; what falls is other people's. */
export const hasFallen = (node: Pick<MapNode, 'up' | 'kind'>) => !node.up && node.kind !== 'service'

function peopleAt(clients: LabState['clients'], vantage: string): readonly Person[] {
  return clients
    .filter((client) => client.vantage === vantage && (client.online || !isPlain(client)))
    .map((client) => ({
      name: client.name,
      letter: client.name.charAt(0).toUpperCase(),
      online: client.online,
      isPlain: isPlain(client),
    }))
}

/** The nodes a flow passes on its way over the map; empty where there is no way. Breadth first, so it is the shortest. */
export function wayBetween(
  edges: LabState['edges'],
  nodes: readonly Pick<MapNode, 'id' | 'parent'>[],
  from: string,
  to: string,
): readonly string[] {
  const next = new Map<string, string[]>()
  const link = (a: string, b: string) => {
    next.set(a, [...(next.get(a) ?? []), b])
    next.set(b, [...(next.get(b) ?? []), a])
  }
  for (const edge of edges) link(edge.from, edge.to)
  for (const node of nodes) if (node.parent !== undefined) link(node.id, node.parent)
  const before = new Map<string, string | null>([[from, null]])
  const queue = [from]
  for (const id of queue) {
    if (id === to) break
    for (const neighbour of next.get(id) ?? []) {
      if (before.has(neighbour)) continue
      before.set(neighbour, id)
      queue.push(neighbour)
    }
  }
  if (!before.has(to)) return []
  const way: string[] = []
  for (let at: string | null = to; at !== null; at = before.get(at) ?? null) way.unshift(at)
  return way
}
