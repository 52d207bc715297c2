/**
 * Where everything on the map stands, in pixels on the 8 px grid of the graph paper. Pure. Columns from the reader's start
 * edge: places, providers, way out, clouds. Text is measured by estimate: boxes are made for the longest language, not to fit.
 */
import type { Box, MapModel, ProviderRow } from './map-model.ts'

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface MapLayout {
  readonly width: number
  readonly height: number
  /** By vantage id. */
  readonly places: ReadonlyMap<string, Rect>
  /** Providers, exchanges, boxes and sidings, by node id. */
  readonly rects: ReadonlyMap<string, Rect>
  /** Squares inside a box, by node id: the square and its name share this rectangle. */
  readonly inside: ReadonlyMap<string, Rect>
  readonly gates: ReadonlyMap<string, Point>
  readonly lines: readonly { readonly from: string; readonly to: string; readonly points: readonly Point[] }[]
  readonly columns: readonly { readonly id: 'places' | 'providers' | 'wayout' | 'clouds'; readonly x: number; readonly width: number }[]
}

/** Narrower than this the map scrolls inside its pane, with the table as its twin. */
export const MAP_MIN_WIDTH = 800
const UNIT = 8
const TOP = 40
const PLACE_HEIGHT = 32
const ROW_GAP = 16
const BOX_GAP = 16
const HEAD = 24
const LINE = 24
/** Roughly, for 12 px text. */
const CHARACTER = 6.6
const GATE = 24

const snap = (value: number) => Math.round(value / UNIT) * UNIT

export function mapLayout(model: MapModel, available: number, dir: 'ltr' | 'rtl'): MapLayout {
  const width = Math.max(MAP_MIN_WIDTH, Math.floor(available))
  const share = (from: number, to: number) => ({ x: snap(width * from) + UNIT, width: snap(width * (to - from)) - 2 * UNIT })
  const columns = { places: share(0, 0.22), providers: share(0.26, 0.44), wayout: share(0.56, 0.66), clouds: share(0.73, 1) }

  const rects = new Map<string, Rect>()
  const places = new Map<string, Rect>()
  const inside = new Map<string, Rect>()
  const rowsEnd = placeRows(model.rows, columns, rects, places)
  const boxesEnd = placeBoxes(model.boxes, columns.clouds, rects, inside)
  const sidingsTop = Math.max(rowsEnd, TOP)
  const exchangesEnd = placeExchanges(model, columns.wayout, rects, rowsEnd)

  let y = Math.max(exchangesEnd, sidingsTop) + UNIT
  for (const siding of model.sidings) {
    rects.set(siding.id, { x: columns.providers.x, y, width: columns.wayout.x + columns.wayout.width - columns.providers.x, height: 40 })
    y += 40 + BOX_GAP
  }
  const height = snap(Math.max(rowsEnd, boxesEnd, y) + UNIT)

  const gates = new Map<string, Point>()
  const standing = [
    ...model.rows.map((row) => [row.provider.id, row.gates] as const),
    ...model.exchanges.map((node) => [node.id, node.gates] as const),
  ]
  for (const [id, here] of standing) {
    const rect = rects.get(id)
    if (!rect) continue
    for (const [index, gate] of here.entries())
      gates.set(gate.id, { x: rect.x + rect.width + GATE * (index + 1), y: rect.y + rect.height / 2 })
  }

  const lines = connections(model, rects, places)
  const layout: MapLayout = {
    width,
    height,
    places,
    rects,
    inside,
    gates,
    lines,
    columns: (['places', 'providers', 'wayout', 'clouds'] as const).map((id) => ({ id, ...columns[id] })),
  }
  return dir === 'rtl' ? mirrored(layout) : layout
}

type Column = { readonly x: number; readonly width: number }

function placeRows(
  rows: readonly ProviderRow[],
  columns: { places: Column; providers: Column },
  rects: Map<string, Rect>,
  places: Map<string, Rect>,
): number {
  let y = TOP
  for (const row of rows) {
    const heights = row.places.map((place) => placeHeight(place.people.length, place.vantage.title, columns.places.width))
    const height = Math.max(
      PLACE_HEIGHT,
      heights.reduce((sum, each) => sum + each + UNIT, -UNIT),
    )
    let at = y
    row.places.forEach((place, index) => {
      const own = heights[index] ?? PLACE_HEIGHT
      places.set(place.vantage.id, { x: columns.places.x, y: at, width: columns.places.width, height: own })
      at += own + UNIT
    })
    rects.set(row.provider.id, { x: columns.providers.x, y: snap(y + height / 2 - 16), width: columns.providers.width, height: 32 })
    y += snap(height + ROW_GAP)
  }
  return y
}

function placeHeight(people: number, title: string, width: number): number {
  const room = Math.max(40, width - people * 32 - 24)
  const lines = Math.ceil((title.length * CHARACTER) / room)
  const tokens = Math.ceil((people * 32) / Math.max(32, width - 8))
  return snap(Math.max(PLACE_HEIGHT, lines * 16 + 8, tokens * 32))
}

function placeExchanges(model: MapModel, column: Column, rects: Map<string, Rect>, bottom: number): number {
  let free = TOP
  for (const exchange of model.exchanges) {
    const served = model.rows
      .filter((row) => linked(model, row.provider.id, exchange.id))
      .flatMap((row) => rects.get(row.provider.id) ?? [])
    const middle = served.length === 0 ? bottom / 2 : served.reduce((sum, rect) => sum + rect.y + rect.height / 2, 0) / served.length
    const height = snap(Math.max(40, Math.ceil((exchange.title.length * CHARACTER) / (column.width - 16)) * 16 + 16))
    const y = Math.max(free, snap(middle - height / 2))
    rects.set(exchange.id, { x: column.x, y, width: column.width, height })
    free = y + height + BOX_GAP
  }
  return free
}

function placeBoxes(boxes: readonly Box[], column: Column, rects: Map<string, Rect>, inside: Map<string, Rect>): number {
  let y = TOP
  for (const box of boxes) {
    const top = y
    let x = column.x + UNIT
    let line = top + HEAD
    for (const node of box.inside) {
      const needed = Math.min(column.width - 2 * UNIT, Math.ceil(node.title.length * CHARACTER) + 24)
      if (x > column.x + UNIT && x + needed > column.x + column.width - UNIT) {
        x = column.x + UNIT
        line += LINE
      }
      const wraps = Math.ceil((node.title.length * CHARACTER + 24) / (column.width - 2 * UNIT))
      inside.set(node.id, { x, y: line, width: needed, height: LINE * wraps })
      if (wraps > 1) {
        x = column.x + UNIT
        line += LINE * wraps
      } else x += needed + UNIT
    }
    const used = box.inside.length === 0 ? 32 : (x > column.x + UNIT ? line + LINE : line) - top + UNIT
    rects.set(box.node.id, { x: column.x, y: top, width: column.width, height: snap(used + 4) })
    y = top + snap(used + 4) + BOX_GAP
  }
  return y
}

function linked(model: MapModel, a: string, b: string): boolean {
  return model.edges.some((edge) => (edge.from === a && edge.to === b) || (edge.from === b && edge.to === a))
}

/** Transit lines: level, then down at 45 degrees, then level again. */
export function transit(from: Point, to: Point): readonly Point[] {
  const drop = Math.abs(to.y - from.y)
  const run = to.x - from.x
  if (drop === 0) return [from, to]
  const slope = Math.min(drop, Math.abs(run))
  // What is too steep for 45 degrees goes straight down in the middle of the gap.
  if (drop > Math.abs(run) * 0.9) {
    const middle = from.x + run / 2
    const corner = Math.min(Math.abs(run) / 4, drop / 2)
    const way = Math.sign(run)
    const down = Math.sign(to.y - from.y)
    return [
      from,
      { x: middle - corner * way, y: from.y },
      { x: middle, y: from.y + corner * down },
      { x: middle, y: to.y - corner * down },
      { x: middle + corner * way, y: to.y },
      to,
    ]
  }
  const level = (Math.abs(run) - slope) / 2
  const way = Math.sign(run)
  return [from, { x: from.x + level * way, y: from.y }, { x: to.x - level * way, y: to.y }, to]
}

function connections(model: MapModel, rects: ReadonlyMap<string, Rect>, places: ReadonlyMap<string, Rect>): MapLayout['lines'] {
  const lines: MapLayout['lines'][number][] = []
  const end = (rect: Rect): Point => ({ x: rect.x + rect.width, y: rect.y + rect.height / 2 })
  const start = (rect: Rect): Point => ({ x: rect.x, y: rect.y + rect.height / 2 })
  for (const row of model.rows) {
    const provider = rects.get(row.provider.id)
    for (const place of row.places) {
      const rect = places.get(place.vantage.id)
      if (rect && provider) lines.push({ from: place.vantage.id, to: row.provider.id, points: transit(end(rect), start(provider)) })
    }
  }
  const siding = new Set(model.sidings.map((node) => node.id))
  for (const edge of model.edges) {
    const [a, b] = [rects.get(edge.from), rects.get(edge.to)]
    if (!a || !b || siding.has(edge.from) || siding.has(edge.to)) continue
    const [left, right, from, to] = a.x <= b.x ? [a, b, edge.from, edge.to] : [b, a, edge.to, edge.from]
    lines.push({ from, to, points: left.x + left.width <= right.x ? transit(end(left), start(right)) : [start(left), start(right)] })
  }
  return lines
}

function mirrored(layout: MapLayout): MapLayout {
  const { width } = layout
  const point = (at: Point): Point => ({ x: width - at.x, y: at.y })
  const rect = (at: Rect): Rect => ({ ...at, x: width - at.x - at.width })
  const map = <T>(entries: ReadonlyMap<string, T>, change: (value: T) => T) =>
    new Map([...entries].map(([id, value]) => [id, change(value)]))
  return {
    ...layout,
    places: map(layout.places, rect),
    rects: map(layout.rects, rect),
    inside: map(layout.inside, rect),
    gates: map(layout.gates, point),
    lines: layout.lines.map((line) => ({ ...line, points: line.points.map(point) })),
    columns: layout.columns.map((column) => ({ ...column, x: width - column.x - column.width })),
  }
}
