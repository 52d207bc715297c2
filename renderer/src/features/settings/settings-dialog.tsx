/** Few settings, each with an effect at once. */
import { useTranslation } from 'react-i18next'
import type { Settings } from '../../../../shared/contract/api.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Check, Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import styles from './settings.module.css'

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings')
  const settings = useApp((state) => state.settings)
  const practice = useApp((state) => state.self?.practice ?? false)
  const build = useApp((state) => state.hello?.build)
  const call = useCall()
  if (!settings) return null
  const set = (change: Partial<Settings>) => void call('settings.set', change)
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
      {practice && <p className={styles.practice}>{t('practice')}</p>}
      <section className={styles.about} aria-label={t('about')}>
        <p>{t('version', { build: build ?? '' })}</p>
        <p>{t('licence')}</p>
      </section>
    </Dialog>
  )
}
