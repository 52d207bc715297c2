/** Words that are data in English, whatever the language of the screens (a scenario's, the relay's): read aloud and laid out as such. */
import { classNames } from './class-names.ts'
import styles from './told.module.css'

/** `block`: whole sentences, which begin at the side where English begins; else a name inside a line. */
export function Told({ block = false, className, children }: { block?: boolean; className?: string | undefined; children: string }) {
  return (
    <bdi lang="en" dir="ltr" className={classNames(block && styles.block, className)}>
      {children}
    </bdi>
  )
}
