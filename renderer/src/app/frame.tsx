/** The window around the views: rail, header, what is open, and in a rehearsal the strip that says so. */
import { Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { CONTRACT_VERSION } from '../../../shared/contract/api.ts'
import { Header } from '../features/header/header.tsx'
import { LockPage } from '../features/lock/lock-page.tsx'
import { Tour } from '../features/tour/tour.tsx'
import { chooseLocale, setLocale } from '../i18n/i18n.ts'
import { useApp } from '../state/backend.ts'
import { useTellInput } from '../state/use-lock.ts'
import { AnnouncerProvider } from '../ui/announcer.tsx'
import { displayName } from '../ui/display-name.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import styles from './frame.module.css'
import { Notices } from './notices.tsx'
import { OpeningPage, StalePage } from './pages.tsx'
import { Rail } from './rail.tsx'
import { Sheets } from './sheets.tsx'
import { SimulatedStrip } from './simulated-strip.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import { viewComponents } from './views.tsx'

export function Frame() {
  const hello = useApp((state) => state.hello)
  const profile = useApp((state) => state.profile)
  useAppearance()

  if (!hello) return <OpeningPage />
  if (hello.contract !== CONTRACT_VERSION) return <StalePage />
  if (!profile) return <OpeningPage />
  if (profile.locked) return <LockPage user={displayName(hello.user)} />
  // Within: what was announced of messages goes with them.
  return (
    <AnnouncerProvider>
      <Unlocked />
    </AnnouncerProvider>
  )
}

function Unlocked() {
  const { t } = useTranslation()
  const view = useApp((state) => state.view)
  useShortcuts()
  useTellInput()
  const Open = viewComponents[view]
  return (
    <div className={styles.frame}>
      <Rail />
      <div className={styles.header}>
        <Header />
      </div>
      <Notices />
      <main className={styles.view}>
        <ErrorBoundary of={view}>
          <Suspense fallback={<Empty>{t('loading')}</Empty>}>
            <Open />
          </Suspense>
        </ErrorBoundary>
      </main>
      <SimulatedStrip />
      <Sheets />
      <Tour />
    </div>
  )
}

/** Theme, language and window title follow the settings. */
function useAppearance() {
  const { t } = useTranslation()
  const theme = useApp((state) => state.settings?.theme)
  const language = useApp((state) => state.settings?.language)
  const user = useApp((state) => state.hello?.user)

  useEffect(() => {
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
    else delete document.documentElement.dataset.theme
  }, [theme])
  useEffect(() => {
    if (language) void setLocale(chooseLocale(language, navigator.languages))
  }, [language])
  useEffect(() => {
    document.title = user ? t('windowTitle', { user: user.charAt(0).toUpperCase() + user.slice(1) }) : t('appName')
  }, [user, t])
}
