/** What running a bridge means, its limits, and the person's consent. Nothing starts before. */
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import { type BridgeLimits, BridgeWish } from '../../../../shared/contract/bridge.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Check } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import styles from './help-others.module.css'

const points = ['leads', 'sees', 'shows', 'costs', 'looks', 'ends'] as const
/** As the contract has them (shared/contract/bridge.ts), which is asked before anything starts. */
const ranges = {
  streams: [1, 500],
  kilobytesPerSecond: [10, 100_000],
  gigabytesPerMonth: [1, 10_000],
  port: [1, 65_535],
} as const
type NumberField = keyof typeof ranges
const limitNames = ['streams', 'kilobytesPerSecond', 'gigabytesPerMonth'] as const
/** Not below 1024, where only root may listen. */
const USUAL_PORT = 8443

export function HelpOthersDialog({ limits, onClose }: { limits: BridgeLimits; onClose: () => void }) {
  const { t } = useTranslation('bridge')
  const { t: common } = useTranslation()
  const format = useFormat()
  const call = useCall()
  const isSimulated = useApp((state) => state.path?.network.kind === 'simulated')
  const [agreed, setAgreed] = useState(false)
  const [typed, setTyped] = useState({
    streams: String(limits.streams),
    kilobytesPerSecond: String(limits.kilobytesPerSecond),
    gigabytesPerMonth: String(limits.gigabytesPerMonth),
    port: String(USUAL_PORT),
    address: '',
  })
  const type = (name: keyof typeof typed) => (event: { target: { value: string } }) =>
    setTyped((before) => ({ ...before, [name]: event.target.value }))
  const { address } = typed
  const wish = v.safeParse(BridgeWish, {
    limits: Object.fromEntries(limitNames.map((name) => [name, Number(typed[name])])),
    address: address.trim() === '' ? null : address.trim(),
    port: Number(typed.port),
  })
  const isFaulty = (name: string) => !wish.success && wish.issues.some((issue) => issue.path?.at(-1)?.key === name)
  const number = (name: NumberField) => {
    const [least, most] = ranges[name].map(format.number)
    return (
      <Field
        key={name}
        label={t(name)}
        fault={isFaulty(name) ? t('between', { least, most }) : null}
        type="number"
        min={ranges[name][0]}
        max={ranges[name][1]}
        step={1}
        required
        value={typed[name]}
        onChange={type(name)}
      />
    )
  }
  const start = (event: FormEvent) => {
    event.preventDefault()
    if (!agreed || !wish.success) return
    void call('bridge.start', wish.output)
    onClose()
  }
  return (
    <Dialog
      title={t('askTitle')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button look="primary" type="submit" form="help-others" disabled={!agreed || !wish.success}>
            {t('switchOn')}
          </Button>
        </>
      }
    >
      <form id="help-others" className={styles.form} onSubmit={start}>
        <ul className={styles.points}>
          {points.map((point) => (
            <li key={point}>{t(`ask.${point}`)}</li>
          ))}
        </ul>
        <fieldset className={styles.fields}>
          <legend>{t('limits')}</legend>
          {limitNames.map(number)}
        </fieldset>
        {!isSimulated && (
          <fieldset className={styles.fields}>
            <legend>{t('where')}</legend>
            <Field
              label={t('address')}
              hint={t('addressHint')}
              fault={isFaulty('address') ? t('addressBad') : null}
              mono
              autoComplete="off"
              value={address}
              onChange={type('address')}
            />
            {number('port')}
          </fieldset>
        )}
        <Check checked={agreed} onChange={setAgreed}>
          {t('agree')}
        </Check>
      </form>
    </Dialog>
  )
}
