/** The lines of the map: level and upright stretches, every turn at 45 degrees, as transit maps draw them. Pure geometry. */
import type { MapLine, Point, Rect } from './map-layout.ts'
import type { MapModel } from './map-model.ts'

/** Half of a turn into or out of a trunk. */
const CORNER = 8
/** How far before the ways out the providers' trunk stands. */
const TRUNK = 24
/** A place's station stands just outside of its name. */
const STATION = 6

const end = (rect: Rect): Point => ({ x: rect.x + rect.width, y: rect.y + rect.height / 2 })
const start = (rect: Rect): Point => ({ x: rect.x, y: rect.y + rect.height / 2 })

export function mapLines(model: MapModel, rects: ReadonlyMap<string, Rect>, places: ReadonlyMap<string, Rect>): readonly MapLine[] {
  const lines: MapLine[] = []
  for (const row of model.rows) {
    const provider = rects.get(row.provider.id)
    for (const place of row.places) {
      const rect = places.get(place.vantage.id)
      if (rect && provider)
        lines.push({
          from: place.vantage.id,
          to: row.provider.id,
          points: diagonal({ ...end(rect), x: rect.x + rect.width + STATION }, start(provider)),
          siding: false,
        })
    }
  }
  const exchanges = new Set(model.exchanges.map((exchange) => exchange.id))
  const sidings = new Map(
    model.sidings.flatMap((node) => [[node.id, node.id] as const, ...(node.parent === undefined ? [] : [[node.parent, node.id] as const])]),
  )
  for (const edge of model.edges) {
    const siding = sidings.get(edge.to)
    const [a, b] = [rects.get(edge.from), rects.get(siding ?? edge.to)]
    if (!a || !b) continue
    const line = { from: edge.from, to: edge.to, siding: siding !== undefined }
    if (siding !== undefined) lines.push({ ...line, points: deadEnd(a, b) })
    else if (exchanges.has(edge.from)) lines.push({ ...line, points: overTrunk(end(a), start(b), (a.x + a.width + b.x) / 2) })
    else lines.push({ ...line, points: overTrunk(end(a), start(b), b.x - TRUNK) })
  }
  return lines
}

/** Level, one stretch at 45 degrees in the middle, level; steeper than that where the gap is too narrow. */
function diagonal(from: Point, to: Point): readonly Point[] {
  const drop = Math.abs(to.y - from.y)
  const run = to.x - from.x
  if (drop === 0) return [from, to]
  const level = Math.max(8, (run - drop) / 2)
  return [from, { x: from.x + level, y: from.y }, { x: to.x - level, y: to.y }, to]
}

/** Many lines meet in one upright trunk and branch from it, drawn over one another: one line, however many share it. */
function overTrunk(from: Point, to: Point, trunk: number): readonly Point[] {
  const drop = to.y - from.y
  const x = Math.round(trunk)
  if (drop === 0) return [from, to]
  const down = Math.sign(drop)
  const corner = Math.min(CORNER, Math.abs(drop) / 2)
  return [
    from,
    { x: x - corner, y: from.y },
    { x, y: from.y + corner * down },
    { x, y: to.y - corner * down },
    { x: x + corner, y: to.y },
    to,
  ]
}

/** Down from the way out, to a buffer above the label. */
function deadEnd(from: Rect, to: Rect): readonly Point[] {
  const x = from.x + from.width / 2
  return [
    { x, y: from.y + from.height },
    { x, y: to.y },
  ]
}
