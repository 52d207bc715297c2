/** A labelled line of input with its hint and its fault. */
import { type ComponentProps, useId } from 'react'
import { classNames } from './class-names.ts'
import styles from './field.module.css'

type FieldProps = Omit<ComponentProps<'input'>, 'id'> & {
  label: string
  hint?: string
  fault?: string | null
  mono?: boolean
  'data-autofocus'?: ''
}

export function Field({ label, hint, fault, mono = false, ...input }: FieldProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={classNames(styles.input, mono && styles.mono)}
        aria-invalid={fault ? true : undefined}
        aria-describedby={`${id}-about`}
        {...(mono && { dir: 'ltr', spellCheck: false, autoCapitalize: 'none' })}
        {...input}
      />
      <p id={`${id}-about`} className={fault ? styles.fault : styles.hint} aria-live="polite">
        {fault ?? hint}
      </p>
    </div>
  )
}
