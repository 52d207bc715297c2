/** Full pages for when there is nothing to show yet or any more. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClosedBecause } from '../shell/shell.ts'
import { Button } from '../ui/button.tsx'
import { FullPage } from '../ui/full-page.tsx'
import styles from './pages.module.css'

export function OpeningPage() {
  const { t } = useTranslation()
  return <Page title={t('appName')}>{t('opening')}</Page>
}

export function ClosedPage({ because, onAgain }: { because: ClosedBecause; onAgain: () => void }) {
  const { t } = useTranslation()
  switch (because) {
    case 'gone':
      return (
        <Page title={t('goneTitle')} action={<Button onClick={onAgain}>{t('tryNow')}</Button>}>
          {t('goneText')}
        </Page>
      )
    case 'elsewhere':
      return (
        <Page title={t('elsewhereTitle')} action={<Button onClick={onAgain}>{t('useHere')}</Button>}>
          {t('elsewhereText')}
        </Page>
      )
    case 'refused':
      return <Page title={t('refusedTitle')}>{t('refusedText')}</Page>
  }
}

/** The page was loaded from another version of the program than the engine. */
export function StalePage() {
  const { t } = useTranslation()
  return (
    <Page title={t('staleTitle')} action={<Button onClick={() => window.location.reload()}>{t('reload')}</Button>}>
      {t('staleText')}
    </Page>
  )
}

function Page({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <FullPage mark="through" title={title}>
      <p role="status" className={styles.text}>
        {children}
      </p>
      {action}
    </FullPage>
  )
}
