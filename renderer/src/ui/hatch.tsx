/** The lines inside a security envelope, filling their place. Strokes, so that forced colours keep them; the same way round in every language. */
import { useId } from 'react'
import { classNames } from './class-names.ts'
import styles from './hatch.module.css'

export function Hatch({ className }: { className?: string | undefined }) {
  const id = useId()
  return (
    <svg className={classNames(styles.hatch, className)} aria-hidden="true" focusable="false" data-hatch="">
      <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(135)">
        <path d="M0 2.5h5" />
      </pattern>
      <rect width="100%" height="100%" fill={`url(#${id})`} />
    </svg>
  )
}
