/** The transit map on graph paper. Drawn from the lab's state; beads from what the gateway tells. Nothing moves by itself. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { usePageDirection } from '../../ui/line/use-page.ts'
import { Told } from '../../ui/told.tsx'
import { Beads } from './beads.tsx'
import { GateGlyph } from './gate-glyph.tsx'
import { useLooking } from './looking-back.ts'
import styles from './map.module.css'
import { type MapLayout, mapLayout, type Point, type Rect } from './map-layout.ts'
import { hasFallen, type MapModel, mapModel } from './map-model.ts'
import { PlaceBox } from './place-box.tsx'

/** Of the pane around the map, both sides. */
const BORDER = 2

const path = (points: readonly Point[]) => `M${points.map((point) => `${point.x} ${point.y}`).join('L')}`
const box = (rect: Rect) => ({ left: rect.x, top: rect.y, inlineSize: rect.width, blockSize: rect.height })

export function LabMap({ lab, width }: { lab: LabState; width: number }) {
  const { t } = useTranslation('lab')
  const dir = usePageDirection()
  const { at } = useLooking()
  const model = mapModel(lab)
  const layout = mapLayout(model, width - BORDER, dir)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.scroller} tabIndex={0} aria-label={t('mapOf')}>
      <div className={styles.map} style={{ inlineSize: layout.width, blockSize: layout.height }}>
        <svg className={styles.drawing} width={layout.width} height={layout.height} aria-hidden="true">
          <Lines model={model} layout={layout} />
          {at === null && <Beads lab={lab} model={model} layout={layout} />}
          <Gates model={model} layout={layout} />
        </svg>
        {layout.columns.map((column) => (
          <p key={column.id} className={styles.column} style={{ left: column.x, inlineSize: column.width }}>
            {t(`column.${column.id}`)}
          </p>
        ))}
        {model.rows.flatMap((row) =>
          row.places.map((place) => {
            const rect = layout.places.get(place.vantage.id)
            return rect && <PlaceBox key={place.vantage.id} place={place} rect={rect} lab={lab} />
          }),
        )}
        <Providers model={model} layout={layout} />
        <Clouds model={model} layout={layout} />
        <SidingLabels lab={lab} model={model} layout={layout} />
      </div>
    </section>
  )
}

function Lines({ model, layout }: { model: MapModel; layout: MapLayout }) {
  // Where somebody stands, the line is drawn as in use.
  const lived = new Set(
    model.rows.flatMap((row) =>
      row.places.filter((place) => place.people.length > 0).flatMap((place) => [place.vantage.id, row.provider.id]),
    ),
  )
  const plain = layout.lines.filter((line) => !line.siding)
  const stations = new Set(model.rows.flatMap((row) => row.places.map((place) => place.vantage.id)))
  // Lines in use lie on top of the others.
  return [
    ...plain.filter((line) => !lived.has(line.from)),
    ...plain.filter((line) => lived.has(line.from)),
    ...layout.lines.filter((line) => line.siding),
  ].map((line) => {
    const buffer = line.points.at(-1)
    return (
      <g key={`${line.from} ${line.to}`} className={line.siding ? styles.siding : lived.has(line.from) ? styles.lineLived : styles.line}>
        <path d={path(line.points)} />
        {stations.has(line.from) && line.points[0] && (
          <circle className={styles.station} cx={line.points[0].x} cy={line.points[0].y} r={4.5} />
        )}
        {line.siding && buffer && <path className={styles.buffer} d={`M${buffer.x - 14} ${buffer.y}H${buffer.x + 14}`} />}
      </g>
    )
  })
}

function Gates({ model, layout }: { model: MapModel; layout: MapLayout }) {
  return [...model.rows, ...model.exchanges, ...model.boxes]
    .flatMap((owner) => owner.gates)
    .map((gate) => {
      const at = layout.gates.get(gate.id)
      return (
        at && (
          <g key={gate.id} className={styles.gate} data-by={gate.by} transform={`translate(${at.x} ${at.y})`}>
            <path d="M0 -16V16" className={styles.gateBar} />
            <rect x={-11} y={-11} width={22} height={22} />
            <GateGlyph act={gate.act} />
          </g>
        )
      )
    })
}

function SidingLabels({ lab, model, layout }: { lab: LabState; model: MapModel; layout: MapLayout }) {
  const { t } = useTranslation('lab')
  return model.sidings.map((siding) => {
    const rect = layout.rects.get(siding.id)
    const count = siding.counter ?? lab.tracker?.total
    return (
      rect && (
        <p key={siding.id} className={styles.sidingLabel} style={{ left: rect.x, top: rect.y + 6, inlineSize: rect.width }}>
          <b>
            <Told>{siding.title}</Told>
          </b>{' '}
          {count !== undefined && t('recordedCount', { count })}
        </p>
      )
    )
  })
}

function Providers({ model, layout }: { model: MapModel; layout: MapLayout }) {
  return (
    <>
      {model.rows.map(({ provider, resolvers }) => {
        const rect = layout.rects.get(provider.id)
        return (
          rect && (
            <div key={provider.id} className={styles.provider} style={box(rect)} data-down={!provider.up || undefined}>
              <Told>{provider.title}</Told>
              {resolvers.map((resolver) => (
                <span key={resolver.id} className={styles.resolver} title={resolver.title} data-down={!resolver.up || undefined} />
              ))}
            </div>
          )
        )
      })}
      {model.exchanges.map((exchange) => {
        const rect = layout.rects.get(exchange.id)
        return (
          rect && (
            <div key={exchange.id} className={styles.exchange} style={box(rect)}>
              <Told>{exchange.title}</Told>
            </div>
          )
        )
      })}
    </>
  )
}

function Clouds({ model, layout }: { model: MapModel; layout: MapLayout }) {
  const { t } = useTranslation('lab')
  const format = useFormat()
  return model.boxes.map(({ node, inside }) => {
    const rect = layout.rects.get(node.id)
    const fallen = inside.filter(hasFallen).length
    return (
      rect && (
        <div key={node.id}>
          <div className={styles.box} style={box(rect)} data-down={!node.up || undefined} data-kind={node.kind}>
            <b>
              <Told>{node.title}</Told>
            </b>
            {fallen > 0 && <span className={styles.fallen}>{t('fallen', { count: fallen, number: format.number(fallen) })}</span>}
          </div>
          {inside.map((inner) => {
            const at = layout.inside.get(inner.id)
            return (
              at && (
                <p
                  key={inner.id}
                  className={styles.inner}
                  style={box(at)}
                  data-kind={inner.kind}
                  data-down={hasFallen(inner) || undefined}
                  data-unused={(!inner.up && !hasFallen(inner)) || undefined}
                >
                  <span className={styles.square} aria-hidden="true" />
                  <Told>{inner.title}</Told>
                </p>
              )
            )
          })}
        </div>
      )
    )
  })
}
