/** One of a few views of the same thing: joined buttons, of which one is pressed. */
import { Button } from './button.tsx'
import styles from './switch.module.css'

interface SwitchProps<T extends string> {
  label: string
  options: readonly { value: T; label: string }[]
  value: T
  onChange: (value: T) => void
}

export function Switch<T extends string>({ label, options, value, onChange }: SwitchProps<T>) {
  return (
    <fieldset className={styles.switch} aria-label={label}>
      {options.map((option) => (
        <Button key={option.value} aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
        </Button>
      ))}
    </fieldset>
  )
}
