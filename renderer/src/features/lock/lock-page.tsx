/** Instead of everything else while the profile is locked: one field for the passphrase. Knows nothing of the chats. */
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useApp, useBackend, useDispatch } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { FullPage } from '../../ui/full-page.tsx'
import styles from './lock-page.module.css'

export function LockPage({ user }: { user: string }) {
  const { t } = useTranslation(['settings', 'common'])
  const backend = useBackend()
  const dispatch = useDispatch()
  const bringing = useApp((state) => state.profile?.bringing ?? false)
  const [passphrase, setPassphrase] = useState('')
  const [trying, setTrying] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const unlock = async (event: FormEvent) => {
    event.preventDefault()
    if (trying || passphrase === '') return
    setTrying(true)
    try {
      dispatch({ type: 'profile.changed', payload: await backend.call('profile.unlock', { passphrase }) })
    } catch (error) {
      const isWrong = error instanceof BackendError && error.code === 'store-locked'
      setFault(isWrong ? t('lockWrong') : t(`common:error.${error instanceof BackendError ? error.code : 'internal'}`, { limit: '' }))
      setPassphrase('')
      setTrying(false)
    }
  }
  return (
    <FullPage mark="cut" title={t(bringing ? 'bringTitle' : 'lockedTitle', { user })}>
      <form className={styles.form} onSubmit={(event) => void unlock(event)}>
        <Field
          type="password"
          autoComplete="off"
          autoFocus
          label={t(bringing ? 'accountPassphrase' : 'passphrase')}
          hint={trying ? t('lockTrying') : t(bringing ? 'bringHint' : 'lockHint')}
          fault={trying ? null : fault}
          value={passphrase}
          // Not disabled, or it would lose the focus.
          readOnly={trying}
          onChange={(event) => {
            setPassphrase(event.target.value)
            setFault(null)
          }}
        />
        <Button type="submit" look="primary" aria-disabled={trying || undefined}>
          {t('unlock')}
        </Button>
      </form>
    </FullPage>
  )
}
