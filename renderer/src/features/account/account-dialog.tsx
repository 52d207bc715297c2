/** The account on another computer: a file to take along and, where test users live here, a rehearsal of it. */
import { Laptop, Save } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SHORT_PASSPHRASE } from '../../../../shared/contract/profile.ts'
import { useApp, useBackend, useCall, useHasGroup } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import parts from '../../ui/parts.module.css'
import { saveAs } from '../../ui/save-as.ts'
import styles from './account.module.css'

export function AccountDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings')
  // With a real relay nobody is only trying.
  const isRehearsal = useHasGroup('lab')
  return (
    <Dialog title={t('accountTitle')} onClose={onClose}>
      <TakeAlong />
      {isRehearsal && <Rehearsal onClose={onClose} />}
    </Dialog>
  )
}

function TakeAlong() {
  const { t } = useTranslation('settings')
  const backend = useBackend()
  const handle = useApp((state) => state.self?.handle ?? '')
  const [passphrase, setPassphrase] = useState('')
  const [repeated, setRepeated] = useState('')
  const [state, setState] = useState<'open' | 'too-short' | 'differ' | 'sealing' | 'saved' | 'failed'>('open')

  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (passphrase.length < SHORT_PASSPHRASE) return setState('too-short')
    if (passphrase !== repeated) return setState('differ')
    setState('sealing')
    try {
      const { text } = await backend.call('account.export', { passphrase })
      saveAs(new Blob([text], { type: 'application/octet-stream' }), `${handle}.throughline-account.json`)
      setPassphrase('')
      setRepeated('')
      setState('saved')
    } catch {
      setState('failed')
    }
  }
  return (
    <form className={parts.part} onSubmit={(event) => void save(event)}>
      <p>{t('accountText')}</p>
      <ul className={styles.facts}>
        <li>{t('accountCloud')}</li>
        <li>{t('accountSecret')}</li>
        <li>{t('accountRisk')}</li>
      </ul>
      <Field
        type="password"
        autoComplete="new-password"
        data-autofocus=""
        label={t('accountPassphrase')}
        hint={t('accountHint', { count: SHORT_PASSPHRASE })}
        fault={state === 'too-short' ? t('accountHint', { count: SHORT_PASSPHRASE }) : null}
        value={passphrase}
        onChange={(event) => {
          setPassphrase(event.target.value)
          setState('open')
        }}
      />
      <Field
        type="password"
        autoComplete="new-password"
        label={t('accountRepeat')}
        fault={state === 'differ' ? t('accountDiffers') : null}
        value={repeated}
        onChange={(event) => {
          setRepeated(event.target.value)
          setState('open')
        }}
      />
      <Button type="submit" look="primary" icon={Save} disabled={state === 'sealing'}>
        {t('accountSave')}
      </Button>
      <p role="status" className={styles.told}>
        {state === 'sealing' && t('accountSealing')}
        {state === 'saved' && t('accountSaved')}
        {state === 'failed' && t('accountFailed')}
      </p>
    </form>
  )
}

/** What the others see when somebody writes from a new computer, without one. */
function Rehearsal({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings')
  const call = useCall()
  const [moving, setMoving] = useState(false)
  const handle = useApp((state) => state.self?.handle ?? '')
  const move = async () => {
    setMoving(true)
    if ((await call('users.move', { handle })) !== null) onClose()
    else setMoving(false)
  }
  return (
    <section className={parts.part}>
      <h3>{t('rehearseMove')}</h3>
      <p>{t('rehearseMoveText')}</p>
      <Button icon={Laptop} disabled={moving} onClick={() => void move()}>
        {t('rehearseMoveNow')}
      </Button>
    </section>
  )
}
