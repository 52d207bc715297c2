/** Relay: what it holds about this account, from its live schema: first in sentences, then table by table. */
import { useTranslation } from 'react-i18next'
import type { Holdings } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { HeldTable } from './held-table.tsx'
import { DishonestSection, TapSection } from './powers.tsx'
import styles from './relay.module.css'
import { RequestSection } from './request.tsx'
import { SidesSection } from './sides.tsx'
import { SummaryText } from './summary-text.tsx'
import { useHoldings } from './use-holdings.ts'
import { seenKey } from './words.ts'

export function RelayView() {
  const { t } = useTranslation('relay')
  const format = useFormat()
  const { holdings, state, ask } = useHoldings()
  const problem = state === 'not-connected' ? t('notConnected') : state === 'failed' ? t('failed') : null
  const again = (
    <Button onClick={ask} disabled={state === 'asking'}>
      {t('refresh')}
    </Button>
  )
  if (holdings === null) {
    return (
      <>
        <h1 className="hidden-text">{t('title')}</h1>
        {state === 'asking' ? <Empty>{t('reading')}</Empty> : <Empty action={again}>{problem}</Empty>}
      </>
    )
  }
  return (
    <Page
      title={t('title')}
      actions={again}
      help={
        <>
          {t('intro')} {t('computedAt', { time: format.time(holdings.computedAt) })}
        </>
      }
    >
      <p role="status" className={styles.problem}>
        {problem}
      </p>
      <Held holdings={holdings} />
    </Page>
  )
}

function Held({ holdings }: { holdings: Holdings }) {
  const { t } = useTranslation('relay')
  const own = useApp((state) => state.self?.handle ?? '')
  return (
    <>
      <SummaryText holdings={holdings} own={own} />
      {holdings.sides && (
        <>
          <SidesSection sides={holdings.sides} kept={holdings.kept} />
          <RequestSection sides={holdings.sides} columns={holdings.columns} />
        </>
      )}
      <TapSection />
      <DishonestSection />
      <Section title={t('tables')} help={t('tablesHelp')}>
        <ul>
          {holdings.tables.map((table) => (
            <HeldTable key={table.table} table={table} />
          ))}
        </ul>
      </Section>
      <Section title={t('seen')}>
        <ul className={styles.seen}>
          {holdings.seenNotStored.map((code) => {
            const key = seenKey(code)
            return <li key={code}>{key === null ? code : t(key)}</li>
          })}
        </ul>
      </Section>
    </>
  )
}
