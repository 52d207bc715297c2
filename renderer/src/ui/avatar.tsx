/** A person's initial in a circle. The name stands beside it. */
import styles from './avatar.module.css'

export function Avatar({ handle, small = false }: { handle: string; small?: boolean }) {
  return (
    <span className={small ? `${styles.avatar} ${styles.small}` : styles.avatar} aria-hidden="true">
      {handle.charAt(0).toUpperCase()}
    </span>
  )
}
