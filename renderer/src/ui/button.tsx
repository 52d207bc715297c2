/** Buttons with a word, and buttons that are an icon with the word for those who cannot see it. */
import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import styles from './button.module.css'
import { classNames } from './class-names.ts'
import { Icon } from './icon.tsx'

type ButtonProps = ComponentProps<'button'> & {
  /** `primary`: the one thing to do here. `plain`: beside it. `quiet`: inside rows. `danger`: loses something. */
  look?: 'primary' | 'plain' | 'quiet' | 'danger'
  icon?: LucideIcon
}

export function Button({ look = 'plain', icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={classNames(styles.button, styles[look], className)} {...rest}>
      {icon && <Icon of={icon} />}
      <span>{children}</span>
    </button>
  )
}

export function IconButton({
  label,
  icon,
  className,
  ...rest
}: Omit<ComponentProps<'button'>, 'children'> & { label: string; icon: LucideIcon }) {
  return (
    <button type="button" className={classNames(styles.icon, className)} aria-label={label} title={label} {...rest}>
      <Icon of={icon} />
    </button>
  )
}
