/** "Why do you think so?": the rule that decided, each sign beside what it was compared with, the raw facts one click further, and what would change it. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EvidenceLine, Verdict } from '../../../../shared/contract/path.ts'
import type { Supposed, Why } from '../../../../shared/contract/why.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Confidence } from '../../ui/confidence.tsx'
import { factKey, findingKeys, ruleKey } from '../../ui/line/finding-words.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Disclosure } from '../../ui/page.tsx'
import styles from './findings.module.css'

export function Evidence({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation('path')
  if (verdict.evidence.length === 0) return null
  return (
    <Disclosure summary={t('why')}>
      <Reasons verdict={verdict} />
    </Disclosure>
  )
}

function Reasons({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation('path')
  const why = useWhy(verdict)
  const { evidence, plane } = verdict
  return (
    <div className={styles.why}>
      {why?.rule && (
        <p>
          <b>{t('decisiveRule', { rule: why.rule })}</b> {t(ruleKey(why.rule))}
        </p>
      )}
      <ol className={styles.signs}>
        {evidence.map((line, index) => (
          // The same sign may be listed twice, for two addresses; its place in the list is its identity.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <EvidenceItem key={`${line.rule} ${index}`} line={line} isDecisive={index === 0 && why !== null && line.rule === why.rule} />
        ))}
      </ol>
      {why && why.changes.length > 0 && (
        <>
          <h4>{t('wouldChange')}</h4>
          <ul className={styles.signs}>
            {why.changes.map((change) => (
              <Change key={change.what} change={change} plane={plane} />
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** Asked again whenever something else is said, or with another confidence. */
function useWhy({ plane, kind, mechanisms, word }: Verdict): Why | null {
  const call = useCall()
  const [why, setWhy] = useState<Why | null>(null)
  const said = `${kind} ${mechanisms.join()} ${word}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is said is the reason to ask
  useEffect(() => {
    let isLate = false
    void call('path.why', { plane }).then((answer) => !isLate && answer && setWhy(answer))
    return () => {
      isLate = true
    }
  }, [call, plane, said])
  return why
}

function Change({ change, plane }: { change: Supposed; plane: Verdict['plane'] }) {
  const { t } = useTranslation('path')
  const { what, about, kind, mechanisms, word, place } = change
  return (
    <li>
      <p>
        {t(`suppose.${what}`)} {about !== null && <bdi dir="ltr">{about}</bdi>}
      </p>
      <p className={styles.then}>
        {findingKeys({ plane, kind, mechanisms, word, place }).map((key) => (
          <span key={key}>{t(key)} </span>
        ))}
        {kind !== 'ok' && <Confidence word={word} />}
      </p>
    </li>
  )
}

/** Numbers that are names: they stand in the digits that protocols use. */
const asWritten = new Set(['port', 'status'])

function EvidenceItem({ line, isDecisive }: { line: EvidenceLine; isDecisive: boolean }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const shown = (fact: string, value: string | number | boolean) => {
    if (typeof value !== 'number' || asWritten.has(fact)) return <bdi dir="ltr">{String(value)}</bdi>
    if (fact === 'ms') return milliseconds(value)
    return fact === 'skewMs' ? format.seconds(value) : format.number(value)
  }
  return (
    <li data-level={line.level} data-decisive={isDecisive || undefined}>
      <p>
        {t(`evidence.${line.code}`)} <span className={styles.control}>{t(`control.${line.control}`)}</span>
        {line.level === 'discarded' && <span className={styles.control}> {t('unweighed')}</span>}
        {isDecisive && <span className={styles.control}> {t('decisive')}</span>}
      </p>
      <Disclosure summary={t('rawFacts')}>
        <dl className={styles.facts}>
          <dt>{t('ruleName')}</dt>
          <dd>
            <bdi dir="ltr">{line.rule}</bdi> {t(ruleKey(line.rule))}
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
