/** One table of the relay: how many rows are about this person, the newest of them, and what each column means. */
import { useTranslation } from 'react-i18next'
import type { Holdings } from '../../../../shared/contract/chat.ts'
import { classNames } from '../../ui/class-names.ts'
import { Disclosure } from '../../ui/page.tsx'
import tableStyles from '../../ui/table.module.css'
import { Told } from '../../ui/told.tsx'
import { ClassChip } from './class-chip.tsx'
import styles from './relay.module.css'
import { tableKey } from './words.ts'

type Table = Holdings['tables'][number]

export function HeldTable({ table }: { table: Table }) {
  const { t } = useTranslation('relay')
  const key = tableKey(table.table)
  return (
    <li className={styles.held} data-empty={table.count === 0 || undefined}>
      <div className={styles.heldHead}>
        <h3>
          {key !== null && <span>{t(key)}</span>} <bdi dir="ltr">{table.table}</bdi>
        </h3>
        <ClassChip of={table.class} />
      </div>
      <p className={styles.count}>{table.count === 0 ? t('rowsNone') : t('rows', { count: table.count })}</p>
      {table.sample.length > 0 && <Sample table={table} />}
      <Disclosure summary={t('columns')}>
        <table className={classNames(tableStyles.table, styles.columns)}>
          <thead>
            <tr>
              <th scope="col">{t('column')}</th>
              <th scope="col">{t('class')}</th>
              <th scope="col">{t('meaning')}</th>
            </tr>
          </thead>
          <tbody>
            {table.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">
                  <bdi dir="ltr">{column.name}</bdi>
                </th>
                <td>
                  <ClassChip of={column.class} />
                </td>
                <td>
                  <Told block>{column.meaning}</Told>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Disclosure>
    </li>
  )
}

function Sample({ table }: { table: Table }) {
  const { t } = useTranslation('relay')
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.scroller} tabIndex={0} aria-label={t('newest', { table: table.table })}>
      <table className={classNames(tableStyles.table, styles.sample)}>
        <caption className="hidden-text">{t('newest', { table: table.table })}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.name} scope="col" title={column.meaning}>
                <bdi dir="ltr">{column.name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.sample.map((row) => (
            <tr key={JSON.stringify(row)}>
              {table.columns.map((column) => (
                <td key={column.name}>
                  <bdi>{shortened(row[column.name] ?? '')}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Keys and sealed bytes are shown by their beginning; words are never cut here. */
function shortened(value: string): string {
  return /^[A-Za-z0-9_-]{64,}…?$/.test(value) ? `${value.slice(0, 32)}…` : value
}
