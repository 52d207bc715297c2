/** Few settings, each with an effect at once. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Settings } from '../../../../shared/contract/api.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Check, Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { LockSettings } from './lock-settings.tsx'
import { PassphraseDialog, type PassphraseTask } from './passphrase-dialog.tsx'
import styles from './settings.module.css'

/** What was chosen here shows at once; where the engine could not take it, what holds comes back (and `useCall` says so). */
function useShownSettings() {
  const held = useApp((state) => state.settings)
  const call = useCall()
  const [chosen, setChosen] = useState<Partial<Settings>>({})
  const set = async (change: Partial<Settings>) => {
    setChosen((before) => ({ ...before, ...change }))
    if ((await call('settings.set', change)) !== null) return
    const refused = new Set(Object.keys(change))
    setChosen((before) => Object.fromEntries(Object.entries(before).filter(([key]) => !refused.has(key))))
  }
  return { settings: held && { ...held, ...chosen }, set: (change: Partial<Settings>) => void set(change) }
}

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings')
  const [task, setTask] = useState<PassphraseTask | null>(null)
  const build = useApp((state) => state.hello?.build)
  const { settings, set } = useShownSettings()
  if (!settings) return null
  if (task) return <PassphraseDialog task={task} onClose={() => setTask(null)} />
  return (
    <Dialog title={t('title')} onClose={onClose}>
      <Choice
        label={t('theme')}
        value={settings.theme}
        options={[
          { value: 'system', label: t('themeSystem') },
          { value: 'light', label: t('themeLight') },
          { value: 'dark', label: t('themeDark') },
        ]}
        onChange={(theme) => set({ theme })}
      />
      <Choice
        label={t('language')}
        value={settings.language}
        options={[
          { value: 'system', label: t('languageSystem') },
          { value: 'en', label: t('languageEn') },
          { value: 'fa', label: t('languageFa') },
          { value: 'pseudo', label: t('languagePseudo') },
        ]}
        onChange={(language) => set({ language })}
      />
      <section className={styles.checks} aria-label={t('writing')}>
        <Check checked={settings.enterSends} onChange={(enterSends) => set({ enterSends })}>
          {t('enterSends')}
        </Check>
        <Check checked={settings.typingShown} onChange={(typingShown) => set({ typingShown })}>
          {t('typingShown')}
        </Check>
        <Check checked={settings.receiptsShown} onChange={(receiptsShown) => set({ receiptsShown })}>
          {t('receiptsShown')}
        </Check>
      </section>
      <LockSettings autoLock={settings.autoLock} onAutoLock={(autoLock) => set({ autoLock })} onPassphrase={setTask} />
      <section className={styles.about} aria-label={t('about')}>
        <p>{t('version', { build: build ?? '' })}</p>
        <p>{t('licence')}</p>
      </section>
    </Dialog>
  )
}
