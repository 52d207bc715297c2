/** Around the thread of a secret chat: the hatch along its start edge, the violet ground, square shapes. Everything within follows. */
import type { ReactNode } from 'react'
import { useCaptureGuard } from '../../state/use-capture-guard.ts'
import { Hatch } from '../../ui/hatch.tsx'
import styles from './secret-frame.module.css'

/** `composer`: what stands below the second band of hatch; absent where nothing can be written. */
export function SecretFrame({ children, composer }: { children: ReactNode; composer?: ReactNode }) {
  useCaptureGuard()
  return (
    <div className={styles.frame} data-secret="">
      <Hatch className={styles.edge} />
      <div className={styles.inside}>
        {children}
        {composer && (
          <div className={styles.composer}>
            <Hatch className={styles.along} />
            {composer}
          </div>
        )}
      </div>
    </div>
  )
}
