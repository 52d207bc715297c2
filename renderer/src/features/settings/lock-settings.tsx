/** In the settings: what keeps the key of these chats, the passphrase, when the screens lock, and what screenshots see. */
import { Lock } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { autoLockMinutes } from '../../../../shared/contract/profile.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useHasGroup } from '../../state/backend.ts'
import { useLock } from '../../state/use-lock.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Warning } from '../../ui/warning.tsx'
import styles from './lock-settings.module.css'
import type { PassphraseTask } from './passphrase-dialog.tsx'

interface LockSettingsProps {
  autoLock: (typeof autoLockMinutes)[number]
  onAutoLock: (minutes: (typeof autoLockMinutes)[number]) => void
  onPassphrase: (task: PassphraseTask) => void
}

export function LockSettings({ autoLock, onAutoLock, onPassphrase }: LockSettingsProps) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const profile = useApp((state) => state.profile)
  const guardsCapture = useHasGroup('captureGuard')
  const lock = useLock()
  if (!profile) return null
  const kept = t(profile.passphrase ? 'keptBy.passphrase' : `keptBy.${profile.keeper}`)
  return (
    <section className={styles.lock} aria-labelledby="lock-title">
      <h3 id="lock-title">{t('lockTitle')}</h3>
      {!profile.passphrase && profile.keeper !== 'keychain' ? <Warning>{kept}</Warning> : <p>{kept}</p>}
      <div className={styles.actions}>
        {profile.passphrase ? (
          <>
            <Button icon={Lock} onClick={lock}>
              {t('lockNow')}
            </Button>
            <Button onClick={() => onPassphrase('change')}>{t('passphraseTitle.change')}</Button>
            <Button onClick={() => onPassphrase('remove')}>{t('passphraseTitle.remove')}</Button>
          </>
        ) : (
          <Button icon={Lock} onClick={() => onPassphrase('set')}>
            {t('passphraseTitle.set')}
          </Button>
        )}
      </div>
      {profile.passphrase && (
        <>
          <Choice
            label={t('autoLock')}
            value={String(autoLock)}
            options={autoLockMinutes.map((minutes) => ({
              value: String(minutes),
              label: minutes === 0 ? t('autoLockNever') : format.span(minutes * 60_000),
            }))}
            onChange={(chosen) => onAutoLock(autoLockMinutes.find((minutes) => String(minutes) === chosen) ?? 0)}
          />
          <p className={styles.about}>{t('lockText')}</p>
        </>
      )}
      <p className={styles.about}>{t(guardsCapture ? 'captureGuarded' : 'captureOpen')}</p>
    </section>
  )
}
