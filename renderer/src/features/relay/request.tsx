/** What a valid legal request gets: of a large messenger before and since it changed its terms, and of this relay as it stands. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Holdings, Sides } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './request.module.css'

export function RequestSection({ sides, columns }: { sides: Sides; columns: Holdings['columns'] }) {
  const { t } = useTranslation('relay')
  const format = useFormat()
  const messages = sides.people.reduce((sum, { cloud }) => sum + cloud.messages, 0)
  const packets = sides.packets.toMe + sides.packets.fromMe
  const isClean = columns?.likeAddress.length === 0
  return (
    <Section title={t('request')} help={t('requestHelp')}>
      <div className={styles.columns}>
        <Column title={t('before')} gets={[t('beforeGets')]}>
          {t('beforeWhen')}
        </Column>
        <Column title={t('since')} gets={[t('sinceGets')]}>
          {t('sinceWhen')}
        </Column>
        <Column
          title={t('here')}
          isHere
          gets={[
            isClean ? t('hereNoAddress') : t('hereAddress'),
            t('hereCloud', { count: messages }),
            packets > 0 ? t('hereSecret', { count: packets }) : t('hereSecretNone'),
          ]}
        >
          {columns &&
            (isClean ? t('hereSearched', { count: columns.searched }) : t('hereSuspect', { list: format.row(columns.likeAddress) }))}
        </Column>
      </div>
      <p>{t('address')}</p>
      <Quiet>{t('requestSource')}</Quiet>
    </Section>
  )
}

function Column({
  title,
  gets,
  isHere = false,
  children,
}: {
  title: string
  gets: readonly string[]
  isHere?: boolean
  children: ReactNode
}) {
  return (
    <section className={styles.column} data-here={isHere || undefined}>
      <h3>{title}</h3>
      <ul>
        {gets.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <Quiet>{children}</Quiet>
    </section>
  )
}
