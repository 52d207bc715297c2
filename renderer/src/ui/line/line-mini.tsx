/** The line alone, 24 px high and without labels, for the header and for rows. Beside it there is always a sentence, so it is silent. */

import type { PathState, Plane } from '../../../../shared/contract/path.ts'
import styles from './line.module.css'
import { lineLayout } from './line-layout.ts'
import { lineModel } from './line-model.ts'
import { Strokes } from './strokes.tsx'
import { usePageDirection } from './use-page.ts'

export function LineMini({ path, plane, width }: { path: PathState; plane: Plane; width: number }) {
  const dir = usePageDirection()
  const model = lineModel(path, plane)
  const layout = lineLayout(model, { size: 'mini', orientation: 'horizontal', dir, width })
  return (
    <svg className={styles.mini} width={width} height={layout.height} viewBox={`0 0 ${width} ${layout.height}`} aria-hidden="true">
      <Strokes model={model} layout={layout} r={4} />
    </svg>
  )
}
