/** The way a bead takes over the map: along the drawn lines, and no further than the gate that stopped it. Pure. */
import type { Bead, LabState } from '../../../../shared/contract/lab.ts'
import type { MapLayout, Point } from './map-layout.ts'
import { type MapModel, wayBetween } from './map-model.ts'

const middle = (rect: { x: number; y: number; width: number; height: number }): Point => ({
  x: rect.x + rect.width / 2,
  y: rect.y + rect.height / 2,
})

/** Empty where the map shows no such way. */
export function beadPath(
  bead: Bead,
  lab: Pick<LabState, 'nodes' | 'edges' | 'clients'>,
  model: MapModel,
  layout: MapLayout,
): readonly Point[] {
  const vantageOf = new Map(
    model.rows.flatMap((row) => row.places.flatMap((place) => (place.node === null ? [] : [[place.node, place.vantage.id] as const]))),
  )
  // People and places are drawn from the list of vantages; `@` keeps those apart from a provider of the same id.
  const anchor = (id: string) => {
    const vantage = lab.clients.find((client) => client.name === id)?.vantage ?? vantageOf.get(id)
    return vantage === undefined ? id : `@${vantage}`
  }
  const ways = model.rows.flatMap((row) => row.places.map((place) => ({ from: `@${place.vantage.id}`, to: row.provider.id })))
  const edges = lab.edges.map((edge) => ({ from: anchor(edge.from), to: anchor(edge.to) }))
  const way = wayBetween([...ways, ...edges], lab.nodes, anchor(bead.from), anchor(bead.to))
  if (way.length < 2) return []

  const stopped = bead.fate === 'dropped' || bead.fate === 'reset'
  const gateOf = (id: string) =>
    [
      ...model.rows.map((row) => [row.provider.id, row.gates] as const),
      ...model.exchanges.map((exchange) => [exchange.id, exchange.gates] as const),
      ...model.boxes.map((box) => [box.node.id, box.gates] as const),
    ].find(([at]) => at === id)?.[1][0]
  const points: Point[] = []
  for (let i = 1; i < way.length; i++) {
    points.push(...leg(plain(way[i - 1]), plain(way[i]), layout))
    const gate = stopped ? gateOf(way[i] ?? '') : undefined
    const at = gate && layout.gates.get(gate.id)
    if (at) return [...points, at]
  }
  return points
}

const plain = (id = '') => id.replace(/^@/, '')

function leg(a: string, b: string, layout: MapLayout): readonly Point[] {
  const line = layout.lines.find((each) => (each.from === a && each.to === b) || (each.from === b && each.to === a))
  if (line) return line.from === a ? line.points : line.points.toReversed()
  const inner = layout.inside.get(b) ?? layout.inside.get(a)
  return inner ? [middle(inner)] : []
}
