/** One setting of a mechanism: the control its kind asks for, its line of help, and its fault. */
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { FieldFault } from '../../../../../shared/contract/workbench.ts'
import { type SettingName, settings } from '../../../../../shared/contract/workbench-mechanisms.ts'
import { Check } from '../../../ui/choice.tsx'
import { Field } from '../../../ui/field.tsx'
import { Quiet } from '../../../ui/page.tsx'
import labStyles from '../lab.module.css'
import type { Raw } from './form-model.ts'
import { useFaultWords, useOption, useUnit } from './words.ts'
import styles from './workbench.module.css'

interface SettingFieldProps {
  name: SettingName
  value: Raw | undefined
  fault: FieldFault | undefined
  onChange: (value: Raw) => void
}

export function SettingField({ name, value, fault, onChange }: SettingFieldProps) {
  const { t } = useTranslation('workbench')
  const option = useOption()
  const unit = useUnit()
  const say = useFaultWords()
  const id = useId()
  const setting = settings[name]
  const label = t(`set.${name}`)
  const help = t(`setHelp.${name}`)
  const told = fault ? say(fault) : null
  switch (setting.kind) {
    case 'number': {
      const of = unit(setting.unit)
      return (
        <Field
          label={of === '' ? label : `${label} (${of})`}
          hint={`${help} ${t('fault.range', { min: setting.min, max: setting.max })}`}
          fault={told}
          inputMode="decimal"
          dir="ltr"
          autoComplete="off"
          value={String(value ?? '')}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    }
    case 'text':
      return (
        <Field
          label={label}
          hint={help}
          fault={told}
          mono
          autoComplete="off"
          value={String(value ?? '')}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'flag':
      return (
        <div className={styles.flag}>
          <Check checked={value === true} onChange={onChange}>
            {label}
          </Check>
          <Quiet>{help}</Quiet>
        </div>
      )
    case 'choice':
      return (
        <div className={styles.field}>
          <label htmlFor={id}>{label}</label>
          <select
            id={id}
            className={labStyles.select}
            value={String(value)}
            aria-describedby={`${id}-about`}
            onChange={(event) => onChange(event.target.value)}
          >
            {setting.options.map((each) => (
              <option key={each} value={each}>
                {option(name, each)}
              </option>
            ))}
          </select>
          <p id={`${id}-about`} className={told ? styles.fault : styles.hint}>
            {told ?? help}
          </p>
        </div>
      )
    case 'set': {
      const chosen = Array.isArray(value) ? value : []
      return (
        <fieldset className={styles.set} aria-describedby={`${id}-about`}>
          <legend>{label}</legend>
          {setting.options.map((each) => (
            <Check
              key={each}
              checked={chosen.includes(each)}
              onChange={(on) => onChange(on ? [...chosen, each] : chosen.filter((other) => other !== each))}
            >
              {option(name, each)}
            </Check>
          ))}
          <p id={`${id}-about`} className={told ? styles.fault : styles.hint}>
            {told ?? help}
          </p>
        </fieldset>
      )
    }
  }
}
