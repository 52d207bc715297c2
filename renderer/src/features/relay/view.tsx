/** Relay: what it holds about this account, from its live schema: first in sentences, then table by table. */
import { useTranslation } from 'react-i18next'
import type { Holdings } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { HeldTable } from './held-table.tsx'
import styles from './relay.module.css'
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
    <div className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1>{t('title')}</h1>
          <p className={styles.quiet}>
            {t('intro')} {t('computedAt', { time: format.time(holdings.computedAt) })}
          </p>
        </div>
        {again}
      </header>
      <p role="status" className={styles.problem}>
        {problem}
      </p>
      <Held holdings={holdings} />
    </div>
  )
}

function Held({ holdings }: { holdings: Holdings }) {
  const { t } = useTranslation('relay')
  const own = useApp((state) => state.self?.handle ?? '')
  return (
    <>
      <SummaryText holdings={holdings} own={own} />
      <section className={styles.section} aria-labelledby="relay-tables">
        <h2 id="relay-tables">{t('tables')}</h2>
        <p className={styles.quiet}>{t('tablesHelp')}</p>
        <ul className={styles.tables}>
          {holdings.tables.map((table) => (
            <HeldTable key={table.table} table={table} />
          ))}
        </ul>
      </section>
      <section className={styles.section} aria-labelledby="relay-seen">
        <h2 id="relay-seen">{t('seen')}</h2>
        <ul className={styles.seen}>
          {holdings.seenNotStored.map((code) => {
            const key = seenKey(code)
            return <li key={code}>{key === null ? code : t(key)}</li>
          })}
        </ul>
      </section>
    </>
  )
}
