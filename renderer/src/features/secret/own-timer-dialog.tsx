/** A timer that is not on the list, from a second to four weeks. */
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import { Ttl } from '../../../../shared/contract/secret.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import styles from './timer.module.css'

const units = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
type Unit = keyof typeof units
const unitNames: readonly Unit[] = ['second', 'minute', 'hour', 'day']

export function OwnTimerDialog({ onSet, onClose }: { onSet: (ttl: number) => void; onClose: () => void }) {
  const { t } = useTranslation('secret')
  const [amount, setAmount] = useState('10')
  const [unit, setUnit] = useState<Unit>('second')
  const [fault, setFault] = useState<string | null>(null)

  const set = (event: FormEvent) => {
    event.preventDefault()
    const ttl = Number(amount) * units[unit]
    if (!/^\d+$/.test(amount.trim()) || !v.is(Ttl, ttl)) return setFault(t('timerFault'))
    onSet(ttl)
    onClose()
  }
  return (
    <Dialog title={t('timerTitle')} onClose={onClose}>
      <form className={styles.own} noValidate onSubmit={set}>
        <p>{t('timerText')}</p>
        <Field
          data-autofocus=""
          inputMode="numeric"
          label={t('timerAmount')}
          fault={fault}
          value={amount}
          onChange={(event) => {
            setAmount(event.target.value)
            setFault(null)
          }}
        />
        <label>
          {t('timerUnit')}
          <select
            value={unit}
            onChange={(event) => {
              setUnit(unitNames.find((name) => name === event.target.value) ?? 'second')
              setFault(null)
            }}
          >
            {unitNames.map((name) => (
              <option key={name} value={name}>
                {t(`unit.${name}`)}
              </option>
            ))}
          </select>
        </label>
        <Button type="submit" look="primary">
          {t('set')}
        </Button>
      </form>
    </Dialog>
  )
}
