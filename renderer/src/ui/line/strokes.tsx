/** The marks of the line as SVG: strokes told apart by form, never by colour alone. Knows points, not meanings of words. */
import { classNames } from '../class-names.ts'
import styles from './line.module.css'
import type { LineLayout, Point } from './line-layout.ts'
import type { LineModel, Stop } from './line-model.ts'

const path = (points: readonly Point[]) => `M${points.map((point) => `${point.x} ${point.y}`).join('L')}`
const key = (point: Point) => `${point.x},${point.y}`

/** Two passes for a stroke that must stand on any ground: its casing in ink, then itself. */
function Cased({ d, trying }: { d: string; trying: boolean }) {
  return (
    <>
      <path className={styles.casing} d={d} />
      <path className={classNames(styles.detour, trying && styles.trying)} d={d} />
    </>
  )
}

function Segments({ ends, className }: { ends: readonly (readonly [Point, Point])[]; className: string | undefined }) {
  return ends.map(([from, to]) => <path key={key(from) + key(to)} className={className} d={path([from, to])} />)
}

function Diamond({ at, r, className }: { at: Point; r: number; className: string | undefined }) {
  return <path className={className} d={`M${at.x} ${at.y - r}L${at.x + r} ${at.y}L${at.x} ${at.y + r}L${at.x - r} ${at.y}Z`} />
}

function StopMark({ stop, at, r }: { stop: Stop; at: Point; r: number }) {
  const reached = stop.state === 'reached' || stop.state === 'busy'
  const look = classNames(styles.stop, !reached && styles.faint)
  if (stop.id === 'you') return <circle className={look} cx={at.x} cy={at.y} r={r} />
  if (stop.id !== 'relay') return <rect className={look} x={at.x - r} y={at.y - r} width={2 * r} height={2 * r} />
  return (
    <>
      <circle className={look} cx={at.x} cy={at.y} r={r * 1.35} />
      <circle className={look} cx={at.x} cy={at.y} r={r * 0.6} />
      {(stop.state === 'faulty' || stop.state === 'refusing') && (
        <path className={styles.bar} d={`M${at.x - r * 1.5} ${at.y + r * 1.5}L${at.x + r * 1.5} ${at.y - r * 1.5}`} />
      )}
    </>
  )
}

/** An arch, for somebody's bridge. */
function Arch({ at, r }: { at: Point; r: number }) {
  const foot = at.y + r
  return (
    <path
      className={styles.stop}
      d={`M${at.x - 1.3 * r} ${foot}V${at.y}A${1.3 * r} ${1.3 * r} 0 0 1 ${at.x + 1.3 * r} ${at.y}V${foot}H${at.x + 0.55 * r}V${at.y + 0.2 * r}A${0.55 * r} ${0.55 * r} 0 0 0 ${at.x - 0.55 * r} ${at.y + 0.2 * r}V${foot}Z`}
    />
  )
}

/** The whole line; `r` is the radius of a stop. */
export function Strokes({ model, layout, r }: { model: LineModel; layout: LineLayout; r: number }) {
  const { lookup, detour } = model
  const looking = model.status === 'looking'
  const lookupBroken = lookup.state === 'false' || lookup.state === 'silent'
  return (
    <g fill="none">
      <path className={lookup.state === 'unreached' ? styles.beyond : lookupBroken ? styles.stem : styles.lookup} d={layout.lookup.path} />
      <Segments ends={layout.lookup.bars} className={styles.bar} />
      <Diamond
        at={layout.lookup.diamond}
        r={r * 0.95}
        className={lookup.state === 'false' ? styles.falseMark : classNames(styles.stop, lookup.state !== 'plain' && styles.faint)}
      />
      {layout.instead && (
        <>
          <Cased d={layout.instead.path} trying={false} />
          <Diamond at={layout.instead.diamond} r={r * 0.95} className={styles.stop} />
        </>
      )}
      {layout.trunk.map((piece) => (
        <path
          key={`${piece.id} ${key(piece.points[0] ?? { x: 0, y: 0 })}`}
          className={classNames(styles[piece.stroke], piece.stroke === 'undecided' && looking && styles.trying)}
          d={path(piece.points)}
        />
      ))}
      <Segments ends={layout.ticks} className={styles.tick} />
      {detour && layout.detour && <Cased d={path(layout.detour.points)} trying={detour.state === 'trying'} />}
      {layout.mark?.form === 'bars' && <Segments ends={layout.mark.bars} className={styles.bar} />}
      {layout.mark?.form === 'ring' && <circle className={styles.ring} cx={layout.mark.at.x} cy={layout.mark.at.y} r={r * 0.9} />}
      {layout.stops.map((placed) => {
        const stop = model.stops.find((candidate) => candidate.id === placed.id)
        return stop && <StopMark key={placed.id} stop={stop} at={placed.at} r={r} />
      })}
      {layout.detour?.helper && <Arch at={layout.detour.helper} r={r} />}
    </g>
  )
}
