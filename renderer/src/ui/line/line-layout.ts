/**
 * Where the line's parts go, in pixels. Pure geometry: the same model is laid out large, vertical (320 px) or mini (the
 * header), and mirrored for right-to-left readers. A point is first `along` and `across` the line, then turned into x and y.
 */
import type { LineModel, SegmentId, StopId, Stroke } from './line-model.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface LayoutOptions {
  readonly size: 'large' | 'mini'
  readonly orientation: 'horizontal' | 'vertical'
  readonly dir: 'ltr' | 'rtl'
  /** Pixels the line may take across the page. */
  readonly width: number
}

/** Narrower than this the large line stands upright: its labels would touch. */
export const UPRIGHT_BELOW = 680

export interface Mark {
  readonly form: 'bars' | 'ring'
  readonly at: Point
  /** Ends of the two buffer bars; empty for a ring. */
  readonly bars: readonly (readonly [Point, Point])[]
}

export interface Placed<T> {
  readonly id: T
  readonly at: Point
}

export type LabelId = StopId | 'lookup' | 'instead' | 'helper' | 'trouble'

export interface LineLayout {
  readonly width: number
  readonly height: number
  readonly stops: readonly Placed<StopId>[]
  readonly trunk: readonly { readonly id: SegmentId; readonly stroke: Stroke; readonly points: readonly Point[] }[]
  readonly ticks: readonly (readonly [Point, Point])[]
  readonly mark: Mark | null
  readonly lookup: { readonly path: string; readonly diamond: Point; readonly bars: Mark['bars'] }
  readonly instead: { readonly path: string; readonly diamond: Point } | null
  readonly detour: { readonly points: readonly Point[]; readonly helper: Point | null } | null
  /** Horizontal: the middle of the label's bottom (above the line) or top (below it). Vertical: its start edge, centred. */
  readonly labels: readonly (Placed<LabelId> & { readonly side: 'above' | 'below' | 'beside'; readonly room: number })[]
}

interface Frame {
  readonly along: Readonly<Record<StopId, number>>
  readonly across: number
  /** How far detours and lookups swing out. */
  readonly swing: number
  readonly barHalf: number
  readonly tickEvery: number
  readonly height: number
}

const frames = {
  large: (width: number): Frame => {
    const margin = 56
    const length = width - 2 * margin
    const along = { you: margin, network: margin + length * 0.2, wayout: margin + length * 0.46, relay: margin + length }
    return { along, across: 60, swing: 58, barHalf: 13, tickEvery: 12, height: 192 }
  },
  vertical: ({ lookup, trouble, detour }: LineModel): Frame => {
    // A stretch is long only where something stands along it: on a narrow page every pixel of height is scrolled.
    const wayout = 84 + (lookup.instead || trouble?.segment === 'network-wayout' ? 166 : 106)
    const relay = wayout + (detour || trouble?.segment === 'wayout-relay' ? 190 : 84)
    return { along: { you: 20, network: 84, wayout, relay }, across: 24, swing: 44, barHalf: 12, tickEvery: 10, height: relay + 28 }
  },
  mini: (width: number): Frame => {
    const length = width - 20
    const along = { you: 8, network: 8 + length * 0.24, wayout: 8 + length * 0.48, relay: 8 + length }
    return { along, across: 7, swing: 10, barHalf: 6, tickEvery: 6, height: 24 }
  },
} as const

function frameOf(model: LineModel, options: LayoutOptions): Frame {
  if (options.size === 'mini') return frames.mini(options.width)
  return options.orientation === 'vertical' ? frames.vertical(model) : frames.large(options.width)
}

function loop(from: Point, to: Point, bulge: number): string {
  // A drop-shaped loop: out on one side, back on the other.
  const side = { x: -(to.y - from.y), y: to.x - from.x }
  const length = Math.hypot(side.x, side.y) || 1
  const bx = (side.x / length) * bulge
  const by = (side.y / length) * bulge
  const near = { x: from.x + (to.x - from.x) * 0.3, y: from.y + (to.y - from.y) * 0.3 }
  const far = { x: from.x + (to.x - from.x) * 0.75, y: from.y + (to.y - from.y) * 0.75 }
  const curve = (sign: number, a: Point, b: Point, end: Point) =>
    `C${a.x + sign * bx} ${a.y + sign * by} ${b.x + sign * bx} ${b.y + sign * by} ${end.x} ${end.y}`
  return `M${from.x} ${from.y}${curve(1, near, far, to)}${curve(-1, far, near, from)}`
}

/** Places everything; `width` of the answer is what was asked, `height` what it takes. */
export function lineLayout(model: LineModel, options: LayoutOptions): LineLayout {
  const frame = frameOf(model, options)
  const vertical = options.orientation === 'vertical' && options.size === 'large'
  const mirrored = options.dir === 'rtl'
  const point = (along: number, across: number): Point => {
    const x = vertical ? across : along
    return { x: mirrored ? options.width - x : x, y: vertical ? along : across }
  }
  const { across, swing, along } = frame
  const large = options.size === 'large'

  const trouble = model.trouble
  const troubled = model.segments.find((segment) => segment.id === trouble?.segment)
  const markAlong =
    troubled === undefined || trouble === null ? 0 : markPosition(along[troubled.from], along[troubled.to], trouble.at, large)
  const barsAt = (center: number, level: number): Mark['bars'] =>
    [-1, 1].map((side) => {
      const position = center + side * (large ? 4 : 2.5)
      return [point(position, level - frame.barHalf), point(position, level + frame.barHalf)] as const
    })

  const trunk = model.segments.flatMap((segment) => {
    const [start, end] = [along[segment.from], along[segment.to]]
    const piece = (stroke: Stroke, a: number, b: number) => ({ id: segment.id, stroke, points: [point(a, across), point(b, across)] })
    if (segment.stroke !== 'cut' && segment.stroke !== 'refused') return [piece(segment.stroke, start, end)]
    const gap = segment.stroke === 'cut' ? (large ? 5 : 3) : large ? 9 : 5
    return [piece('plain', start, markAlong - gap), piece('beyond', markAlong + gap, end)]
  })

  const ticks = model.segments
    .filter((segment) => segment.stroke === 'slowed')
    .flatMap((segment) => {
      const [start, end] = [along[segment.from], along[segment.to]]
      const middle = (start + end) / 2
      const count = large ? 7 : 4
      return Array.from({ length: count }, (_, index) => middle + (index - (count - 1) / 2) * frame.tickEvery).map(
        (position) => [point(position, across - frame.barHalf * 0.6), point(position, across + frame.barHalf * 0.6)] as const,
      )
    })

  const lookupAlong = vertical ? along.network + 48 : along.network
  const lookupStart = point(along.network, across)
  const diamond = point(lookupAlong, across + swing)
  const insteadAlong = vertical ? along.wayout - 48 : along.network + (along.wayout - along.network) * 0.7
  const insteadStart = point(vertical ? insteadAlong - 20 : insteadAlong, across)
  const insteadDiamond = point(insteadAlong, across + swing)

  const leaves =
    model.detour === null ? null : along[trouble === null ? 'wayout' : trouble.segment === 'wayout-relay' ? 'wayout' : 'network']
  const helperAlong = leaves === null ? 0 : (leaves + along.relay) / 2 + (vertical ? 28 : 0)

  const labels: LineLayout['labels'][number][] = []
  if (large) {
    const side = vertical ? 'beside' : 'above'
    const beside = across + swing + 20
    const place = (position: number, offset: number) => (vertical ? point(position, beside) : point(position, offset))
    const third = vertical ? options.width - beside : 0
    for (const id of ['you', 'network', 'wayout', 'relay'] as const) {
      labels.push({ id, at: place(along[id], across - 18), side, room: vertical ? third : 112 })
    }
    const below = vertical ? 'beside' : 'below'
    labels.push({ id: 'lookup', at: place(lookupAlong, across + swing + 12), side: below, room: vertical ? third : 128 })
    if (model.lookup.instead)
      labels.push({ id: 'instead', at: place(insteadAlong, across + swing + 12), side: below, room: vertical ? third : 112 })
    if (leaves !== null)
      labels.push({ id: 'helper', at: place(helperAlong, across + swing + 16), side: below, room: vertical ? third : 200 })
    if (trouble !== null) {
      labels.push({ id: 'trouble', at: place(markAlong, across - 18), side, room: vertical ? third : 132 })
    }
  }

  return {
    width: options.width,
    height: frame.height,
    stops: model.stops.map((stop) => ({ id: stop.id, at: point(along[stop.id], across) })),
    trunk,
    ticks,
    mark:
      trouble === null || (trouble.stroke !== 'cut' && trouble.stroke !== 'refused')
        ? null
        : {
            form: trouble.stroke === 'cut' ? 'bars' : 'ring',
            at: point(markAlong, across),
            bars: trouble.stroke === 'cut' ? barsAt(markAlong, across) : [],
          },
    lookup: {
      path: loop(lookupStart, diamond, large ? 18 : 4),
      diamond,
      bars:
        model.lookup.state === 'false' || model.lookup.state === 'silent'
          ? stemBars(lookupStart, diamond, frame.barHalf * 0.8, large ? 4 : 2)
          : [],
    },
    instead: model.lookup.instead ? { path: loop(insteadStart, insteadDiamond, large ? 18 : 0), diamond: insteadDiamond } : null,
    detour:
      leaves === null || model.detour === null
        ? null
        : {
            points: [
              point(leaves, across),
              point(leaves + swing, across + swing),
              point(along.relay - swing, across + swing),
              point(along.relay, across),
            ],
            helper: model.detour.kind === 'proxy' ? point(helperAlong, across + swing) : null,
          },
    labels,
  }
}

function markPosition(start: number, end: number, at: 'start' | 'end', large: boolean): number {
  if (at === 'end') return end - (large ? 38 : 13)
  return large ? start + Math.min(150, (end - start) * 0.42) : (start + end) / 2
}

/** The two bars across a loop, on the line from where it hangs to its diamond. */
function stemBars(from: Point, to: Point, half: number, apart: number): Mark['bars'] {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  const unit = { x: (to.x - from.x) / length, y: (to.y - from.y) / length }
  const middle = { x: from.x + (to.x - from.x) * 0.55, y: from.y + (to.y - from.y) * 0.55 }
  return [-apart, apart].map((shift) => {
    const center = { x: middle.x + unit.x * shift, y: middle.y + unit.y * shift }
    return [
      { x: center.x - unit.y * half, y: center.y + unit.x * half },
      { x: center.x + unit.y * half, y: center.y - unit.x * half },
    ] as const
  })
}
