/**
 * Where everything on the map stands, in pixels on the 8 px grid of the graph paper. Pure. Columns from the reader's start
 * edge: places, providers, way out, clouds. Text is measured by estimate, so boxes have room to spare.
 */
import { mapLines } from './map-lines.ts'
import type { Box, MapModel, PlaceItem } from './map-model.ts'

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

export interface MapLine {
  readonly from: string
  readonly to: string
  readonly points: readonly Point[]
  /** A dead end: leads to the false page and no further. */
  readonly siding: boolean
}

export interface MapLayout {
  readonly width: number
  readonly height: number
  /** By vantage id. */
  readonly places: ReadonlyMap<string, Rect>
  /** Providers, exchanges, boxes and sidings, by node id. */
  readonly rects: ReadonlyMap<string, Rect>
  /** What lives inside a box, by node id: its sign and its name share this rectangle. */
  readonly inside: ReadonlyMap<string, Rect>
  readonly gates: ReadonlyMap<string, Point>
  readonly lines: readonly MapLine[]
  readonly columns: readonly { readonly id: 'places' | 'providers' | 'wayout' | 'clouds'; readonly x: number; readonly width: number }[]
}

/** Narrower than this the map scrolls inside its pane, with the table as its twin. */
export const MAP_MIN_WIDTH = 800
const UNIT = 8
const TOP = 40
const ROW = 32
const HEAD = 20
const LINE = 16
/** The label of a siding, and the stub of track above it. */
const SIDING = 64
/** Roughly, for 12 px text. */
const CHARACTER = 6.6
const TOKEN = 32
const GATE = 28

const STUB = 32
const snap = (value: number) => Math.ceil(value / UNIT) * UNIT
const linesOf = (text: string, room: number) => Math.max(1, Math.ceil((text.length * CHARACTER) / Math.max(40, room)))

type Column = { readonly x: number; readonly width: number }

export function mapLayout(model: MapModel, available: number, dir: 'ltr' | 'rtl'): MapLayout {
  const width = Math.max(MAP_MIN_WIDTH, Math.floor(available))
  const share = (from: number, to: number): Column => {
    const x = snap(width * from) + UNIT
    return { x, width: Math.floor((width * to - UNIT - x) / UNIT) * UNIT }
  }
  const columns = { places: share(0, 0.23), providers: share(0.26, 0.44), wayout: share(0.57, 0.68), clouds: share(0.73, 1) }
  const rects = new Map<string, Rect>()
  const places = new Map<string, Rect>()
  const inside = new Map<string, Rect>()

  const boxesEnd = placeBoxes(model.boxes, columns.clouds, rects, inside)
  const rowsEnd = placeRows(model, columns, boxesEnd - TOP, rects, places)
  const exchangesEnd = placeExchanges(model, columns.wayout, rects)
  const layout: MapLayout = {
    width,
    height: snap(Math.max(rowsEnd, exchangesEnd, boxesEnd) + UNIT),
    places,
    rects,
    inside,
    gates: placeGates(model, rects),
    lines: mapLines(model, rects, places),
    columns: (['places', 'providers', 'wayout', 'clouds'] as const).map((id) => ({ id, ...columns[id] })),
  }
  return dir === 'rtl' ? mirrored(layout) : layout
}

function placeGates(model: MapModel, rects: ReadonlyMap<string, Rect>): ReadonlyMap<string, Point> {
  const gates = new Map<string, Point>()
  for (const { provider, gates: here } of model.rows) {
    const rect = rects.get(provider.id)
    if (!rect) continue
    for (const [index, gate] of here.entries())
      gates.set(gate.id, { x: rect.x + rect.width + GATE * index + 20, y: rect.y + rect.height / 2 })
  }
  for (const { id, gates: here } of model.exchanges) {
    const rect = rects.get(id)
    if (!rect) continue
    // One above the other: the lines part soon behind it.
    for (const [index, gate] of here.entries())
      gates.set(gate.id, { x: rect.x + rect.width + 15, y: rect.y + rect.height / 2 + GATE * (index - (here.length - 1) / 2) })
  }
  for (const { node, gates: here } of model.boxes) {
    const rect = rects.get(node.id)
    if (rect) for (const [index, gate] of here.entries()) gates.set(gate.id, { x: rect.x - GATE * index - 14, y: rect.y + rect.height / 2 })
  }
  return gates
}

function placeRows(
  model: MapModel,
  columns: { places: Column; providers: Column },
  room: number,
  rects: Map<string, Rect>,
  places: Map<string, Rect>,
): number {
  const heights = model.rows.map((row) => row.places.map((place) => placeHeight(place, columns.places.width)))
  const rowHeights = heights.map((own) =>
    Math.max(
      ROW,
      own.reduce((sum, each) => sum + each + UNIT, -UNIT),
    ),
  )
  // Few providers spread over the height of the clouds, many stand close.
  const spare = (room - rowHeights.reduce((sum, each) => sum + each, 0)) / Math.max(1, model.rows.length)
  const gap = Math.min(6 * UNIT, Math.max(UNIT, Math.floor(spare / UNIT) * UNIT))
  let y = TOP
  for (const [index, row] of model.rows.entries()) {
    let at = y
    for (const [position, place] of row.places.entries()) {
      const height = heights[index]?.[position] ?? ROW
      places.set(place.vantage.id, { ...columns.places, y: at, height })
      at += height + UNIT
    }
    const height = rowHeights[index] ?? ROW
    rects.set(row.provider.id, { ...columns.providers, y: y + Math.floor((height - ROW) / 2), height: ROW })
    y += height + gap
  }
  return y
}

function placeHeight(place: PlaceItem, width: number): number {
  const tokens = place.people.length
  const perLine = Math.max(1, Math.floor((width - 72) / TOKEN))
  const lines = linesOf(place.vantage.title, width - 16 - Math.min(tokens, perLine) * TOKEN)
  return snap(Math.max(ROW, lines * 16, Math.ceil(tokens / perLine) * TOKEN))
}

function placeExchanges(model: MapModel, column: Column, rects: Map<string, Rect>): number {
  let free = TOP
  for (const exchange of model.exchanges) {
    const served = model.rows
      .filter((row) => linked(model, row.provider.id, exchange.id))
      .flatMap((row) => rects.get(row.provider.id) ?? [])
    const height = snap(linesOf(exchange.title, column.width - 24) * 16 + 16)
    const sidings = model.sidings.filter(
      (siding) => linked(model, exchange.id, siding.id) || (siding.parent !== undefined && linked(model, exchange.id, siding.parent)),
    )
    const middle = served.length === 0 ? free + height / 2 : served.reduce((sum, rect) => sum + rect.y + rect.height / 2, 0) / served.length
    const y = Math.max(free, Math.round(middle - height / 2))
    rects.set(exchange.id, { ...column, y, height })
    free = y + height
    for (const siding of sidings) {
      rects.set(siding.id, { ...column, y: free + STUB, height: SIDING })
      free += STUB + SIDING
    }
    free += 2 * UNIT
  }
  return free
}

function placeBoxes(boxes: readonly Box[], column: Column, rects: Map<string, Rect>, inside: Map<string, Rect>): number {
  let top = TOP
  const room = column.width - 2 * UNIT
  for (const box of boxes) {
    let x = column.x + UNIT
    let y = top + HEAD
    let bottom = box.inside.length === 0 ? top + HEAD + 6 : y
    for (const node of box.inside) {
      const wanted = node.title.length * CHARACTER + 24
      const needed = Math.min(room, Math.ceil(wanted))
      if (x > column.x + UNIT && x + needed > column.x + UNIT + room) {
        x = column.x + UNIT
        y = bottom
      }
      const height = LINE * linesOf(node.title, room - 24)
      inside.set(node.id, { x, y, width: needed, height })
      bottom = Math.max(bottom, y + height)
      x += needed + 12
    }
    const height = snap(bottom + 4 - top)
    rects.set(box.node.id, { ...column, y: top, height })
    top += height + UNIT
  }
  return top
}

function linked(model: MapModel, a: string, b: string): boolean {
  return model.edges.some((edge) => (edge.from === a && edge.to === b) || (edge.from === b && edge.to === a))
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
