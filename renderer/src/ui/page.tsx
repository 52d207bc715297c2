/** The shape that views share: a page with its head, sections under a heading, and what opens on demand. Knows no feature. */
import { type ReactNode, type Ref, useId, useState } from 'react'
import { classNames } from './class-names.ts'
import styles from './page.module.css'

interface PageProps {
  title: string
  /** Behind the title, on its line. */
  beside?: ReactNode
  /** At the far end of that line. */
  actions?: ReactNode
  /** What the page is, below its title. */
  help?: ReactNode
  /** For drawings that use the whole window; text keeps to its measure anyway. */
  wide?: boolean
  children: ReactNode
}

export function Page({ title, beside, actions, help, wide = false, children }: PageProps) {
  return (
    <div className={classNames(styles.page, wide && styles.wide)}>
      <header className={styles.head}>
        <h1>{title}</h1>
        {beside}
        {actions && <span className={styles.actions}>{actions}</span>}
        {help && (
          <div className={styles.help}>
            <Quiet>{help}</Quiet>
          </div>
        )}
      </header>
      {children}
    </div>
  )
}

interface SectionProps {
  title: string
  /** At the far end of the heading's line. */
  beside?: ReactNode
  help?: ReactNode
  className?: string | undefined
  ref?: Ref<HTMLElement>
  children: ReactNode
}

export function Section({ title, beside, help, className, ref, children }: SectionProps) {
  const id = useId()
  return (
    <section ref={ref} className={classNames(styles.section, className)} aria-labelledby={id}>
      <div className={styles.heading}>
        <h2 id={id}>{title}</h2>
        {help && <Quiet>{help}</Quiet>}
        {beside && <span className={styles.actions}>{beside}</span>}
      </div>
      {children}
    </section>
  )
}

/** Says something beside the matter itself. */
export function Quiet({ children, ...rest }: { children: ReactNode; id?: string; role?: 'status' }) {
  return (
    <p className={styles.quiet} {...rest}>
      {children}
    </p>
  )
}

/** What is inside is made when it is first opened, and stays: long lists that nobody looks at cost nothing. */
export function Disclosure({ summary, children }: { summary: string; children: ReactNode }) {
  const [opened, setOpened] = useState(false)
  return (
    <details className={styles.disclosure} onToggle={() => setOpened(true)}>
      <summary>{summary}</summary>
      {opened && children}
    </details>
  )
}
