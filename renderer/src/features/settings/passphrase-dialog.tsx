/** Sets, changes or removes the passphrase. What is typed lives in this dialog alone, and goes with it. */
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { SHORT_PASSPHRASE } from '../../../../shared/contract/profile.ts'
import { useBackend, useDispatch } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Warning } from '../../ui/warning.tsx'
import styles from './passphrase-dialog.module.css'

export type PassphraseTask = 'set' | 'change' | 'remove'

export function PassphraseDialog({ task, onClose }: { task: PassphraseTask; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common'])
  const backend = useBackend()
  const dispatch = useDispatch()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [working, setWorking] = useState(false)
  const [fault, setFault] = useState<'current' | 'empty' | 'again' | null>(null)
  const isShort = next.length > 0 && [...next].length < SHORT_PASSPHRASE

  const apply = async (event: FormEvent) => {
    event.preventDefault()
    if (working) return
    if (task !== 'remove' && next === '') return setFault('empty')
    if (task !== 'remove' && next !== again) return setFault('again')
    if (task !== 'set' && current === '') return setFault('current')
    setWorking(true)
    try {
      const wanted = { current: task === 'set' ? null : current, next: task === 'remove' ? null : next }
      dispatch({ type: 'profile.changed', payload: await backend.call('profile.setPassphrase', wanted) })
      onClose()
    } catch (error) {
      setWorking(false)
      if (error instanceof BackendError && error.code === 'store-locked') return setFault('current')
      dispatch({ type: 'failure.shown', code: error instanceof BackendError ? error.code : 'internal' })
      onClose()
    }
  }
  const secret = (value: string, set: (value: string) => void) => ({
    type: 'password',
    autoComplete: 'off',
    readOnly: working,
    value,
    onChange: (event: { target: HTMLInputElement }) => {
      set(event.target.value)
      setFault(null)
    },
  })
  return (
    <Dialog title={t(`passphraseTitle.${task}`)} onClose={onClose}>
      <form className={styles.form} noValidate onSubmit={(event) => void apply(event)}>
        <p>{t(`passphraseText.${task}`)}</p>
        {task !== 'set' && (
          <Field
            {...secret(current, setCurrent)}
            data-autofocus=""
            label={t('passphraseNow')}
            fault={fault === 'current' ? t('lockWrong') : null}
          />
        )}
        {task !== 'remove' && (
          <>
            <Field
              {...secret(next, setNext)}
              {...(task === 'set' && { 'data-autofocus': '' })}
              label={t('passphraseNew')}
              hint={isShort ? t('passphraseShort', { count: SHORT_PASSPHRASE }) : t('passphraseHint')}
              fault={fault === 'empty' ? t('passphraseEmpty') : null}
            />
            <Field {...secret(again, setAgain)} label={t('passphraseAgain')} fault={fault === 'again' ? t('passphraseOther') : null} />
            <Warning>{t('passphraseLost')}</Warning>
          </>
        )}
        <div className={styles.actions}>
          {working && <span role="status">{t('passphraseWorking')}</span>}
          <Button onClick={onClose}>{t('common:cancel')}</Button>
          <Button type="submit" look={task === 'remove' ? 'danger' : 'primary'} aria-disabled={working || undefined}>
            {t(`passphraseDo.${task}`)}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
