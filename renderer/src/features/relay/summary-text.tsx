/** The tables in plain words, the gravest first. */
import { useTranslation } from 'react-i18next'
import type { Holdings } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { displayName } from '../../ui/display-name.ts'
import { Section } from '../../ui/page.tsx'
import styles from './relay.module.css'
import { summaryOf } from './summary.ts'

export function SummaryText({ holdings, own }: { holdings: Holdings; own: string }) {
  const { t } = useTranslation('relay')
  const format = useFormat()
  const { messages, devices, files, sealedFiles, packets, pages, publicKeys, people, onlyAccount } = summaryOf(holdings, own)
  const names = format.list(people.map(displayName))
  const span = format.span(holdings.kept?.keptMs ?? 0)
  return (
    <Section title={t('summary')} className={styles.summary}>
      <ul>
        {onlyAccount && <li>{t('onlyAccount')}</li>}
        {messages > 0 && (
          <li className={styles.gravest}>
            {t('canRead', { count: messages })} {names !== '' && t('newestWith', { list: names })}
          </li>
        )}
        {messages > 0 && <li>{t('knowsWhen')}</li>}
        {files > 0 && <li>{t('files', { count: files })}</li>}
        {pages > 0 && <li>{t('pages', { count: pages })}</li>}
        {packets > 0 && <li>{t('packetsWait', { count: packets })}</li>}
        {packets === 0 && publicKeys > 1 && <li>{t('packetsNone')}</li>}
        {sealedFiles > 0 && <li>{t('filesSealed', { count: sealedFiles, span })}</li>}
        {publicKeys > 1 && <li>{t('publicKeys', { count: publicKeys })}</li>}
        {devices > 0 && <li>{t('devices', { count: devices })}</li>}
        <li>{t('address')}</li>
      </ul>
    </Section>
  )
}
