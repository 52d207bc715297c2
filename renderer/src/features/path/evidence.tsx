/** "Why do you think so?": each sign in plain language beside what it was compared with; the raw facts one click further. */
import { useTranslation } from 'react-i18next'
import type { EvidenceLine } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { factKey } from '../../ui/line/finding-words.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Disclosure } from '../../ui/page.tsx'
import styles from './findings.module.css'

export function Evidence({ lines }: { lines: readonly EvidenceLine[] }) {
  const { t } = useTranslation('path')
  if (lines.length === 0) return null
  return (
    <Disclosure summary={t('why')}>
      <ol className={styles.why}>
        {lines.map((line, index) => (
          // The same sign may be listed twice, for two addresses; its place in the list is its identity.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <EvidenceItem key={`${line.rule} ${index}`} line={line} />
        ))}
      </ol>
    </Disclosure>
  )
}

/** Numbers that are names: they stand in the digits that protocols use. */
const asWritten = new Set(['port', 'status'])

function EvidenceItem({ line }: { line: EvidenceLine }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const shown = (fact: string, value: string | number | boolean) => {
    if (typeof value !== 'number' || asWritten.has(fact)) return <bdi dir="ltr">{String(value)}</bdi>
    if (fact === 'ms') return milliseconds(value)
    return fact === 'skewMs' ? format.seconds(value) : format.number(value)
  }
  return (
    <li data-level={line.level}>
      <p>
        {t(`evidence.${line.code}`)} <span className={styles.control}>{t(`control.${line.control}`)}</span>
        {line.level === 'discarded' && <span className={styles.control}> {t('unweighed')}</span>}
      </p>
      <Disclosure summary={t('rawFacts')}>
        <dl className={styles.facts}>
          <dt>{t('ruleName')}</dt>
          <dd>
            <bdi dir="ltr">{line.rule}</bdi>
          </dd>
          <dt>{t('seenAt')}</dt>
          <dd>{format.moment(line.at)}</dd>
          {Object.entries(line.facts).map(([fact, value]) => {
            const label = factKey(fact)
            return [<dt key={`${fact} name`}>{label === null ? fact : t(label)}</dt>, <dd key={fact}>{shown(fact, value)}</dd>]
          })}
        </dl>
      </Disclosure>
    </li>
  )
}
