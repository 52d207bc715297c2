/** A person's initial in a circle; for a secret chat in a square with one cut corner. The name stands beside it. */
import styles from './avatar.module.css'
import { classNames } from './class-names.ts'

export function Avatar({ handle, small = false, secret = false }: { handle: string; small?: boolean; secret?: boolean }) {
  return (
    <span className={classNames(styles.avatar, small && styles.small, secret && styles.secret)} aria-hidden="true">
      {handle.charAt(0).toUpperCase()}
    </span>
  )
}
