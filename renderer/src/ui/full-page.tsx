/** A page instead of everything else, under the line that is whole or cut. */
import type { ReactNode } from 'react'
import styles from './full-page.module.css'

const marks = {
  through: { bar: 'M80 2v14M80 32v14', line: 'M4 24h152' },
  cut: { bar: 'M80 2v44', line: 'M4 24h64M92 24h64' },
} as const

export function FullPage({ mark, title, children }: { mark: keyof typeof marks; title: string; children: ReactNode }) {
  const { bar, line } = marks[mark]
  return (
    <main className={styles.page}>
      <svg className={styles.mark} data-mark={mark} viewBox="0 0 160 48" aria-hidden="true">
        <path className={styles.bar} d={bar} />
        <path className={styles.line} d={line} />
      </svg>
      <h1>{title}</h1>
      {children}
    </main>
  )
}
