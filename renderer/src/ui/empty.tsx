/** A place with nothing in it yet: one sentence, at most one action. */
import type { ReactNode } from 'react'
import styles from './empty.module.css'

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p>{children}</p>
      {action}
    </div>
  )
}
