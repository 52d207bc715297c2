/** Flows as beads running along the lines, from the gateway's own events: at most 30 a second, none while hidden or with reduced motion. */
import { useEffect, useRef, useState } from 'react'
import type { Bead, LabState } from '../../../../shared/contract/lab.ts'
import { useBackend } from '../../state/backend.ts'
import { beadPath } from './bead-path.ts'
import styles from './map.module.css'
import type { MapLayout } from './map-layout.ts'
import type { MapModel } from './map-model.ts'

const PER_SECOND = 30
/** No more than this on the map at once, whatever happens. */
const AT_ONCE = 60

interface Running {
  readonly id: number
  readonly bead: Bead
  readonly d: string
}

export function Beads({ lab, model, layout }: { lab: LabState; model: MapModel; layout: MapLayout }) {
  const backend = useBackend()
  const [running, setRunning] = useState<readonly Running[]>([])
  const world = useRef({ lab, model, layout })
  world.current = { lab, model, layout }

  useEffect(() => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)')
    let serial = 0
    let second = 0
    let inSecond = 0
    return backend.on('lab.moved', (beads) => {
      if (document.hidden || calm.matches) return
      const now = Math.floor(performance.now() / 1_000)
      if (now !== second) {
        second = now
        inSecond = 0
      }
      const fresh = beads.slice(0, Math.max(0, PER_SECOND - inSecond)).flatMap((bead): Running[] => {
        const points = beadPath(bead, world.current.lab, world.current.model, world.current.layout)
        if (points.length < 2) return []
        serial += 1
        return [{ id: serial, bead, d: `M${points.map((point) => `${point.x} ${point.y}`).join('L')}` }]
      })
      inSecond += beads.length
      if (fresh.length > 0) setRunning((now) => [...now, ...fresh].slice(-AT_ONCE))
    })
  }, [backend])

  return running.map(({ id, bead, d }) => (
    <circle
      key={id}
      className={styles.bead}
      data-fate={bead.fate}
      data-kind={bead.kind}
      r={bead.kind === 'dns' ? 2.5 : 4}
      style={{ offsetPath: `path("${d}")` }}
      onAnimationEnd={() => setRunning((now) => now.filter((each) => each.id !== id))}
    />
  ))
}
