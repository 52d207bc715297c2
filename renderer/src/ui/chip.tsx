/** A small labelled mark with, where there is more to say, a help line behind it. Meaning is in the word, never in the colour alone. */
import { type ReactNode, useId } from 'react'
import styles from './chip.module.css'
import { classNames } from './class-names.ts'

type Tone = 'neutral' | 'through' | 'detour' | 'cut' | 'secret'

export function Chip({ tone = 'neutral', help, children }: { tone?: Tone; help?: string; children: ReactNode }) {
  const id = useId()
  if (!help) return <span className={classNames(styles.chip, styles[tone])}>{children}</span>
  return (
    <span className={styles.holder}>
      <button type="button" className={classNames(styles.chip, styles.asking, styles[tone])} popoverTarget={id}>
        {children}
      </button>
      <span id={id} popover="auto" role="note" className={styles.help}>
        {help}
      </span>
    </span>
  )
}
