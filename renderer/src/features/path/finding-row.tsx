/** One plane: what is the matter, where, how sure, what we did, what it exposed, and why we think so. */
import { useTranslation } from 'react-i18next'
import type { PathState, Verdict } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { Confidence } from '../../ui/confidence.tsx'
import { findingKeys } from '../../ui/line/finding-words.ts'
import { LineMini } from '../../ui/line/line-mini.tsx'
import type { PathKey } from '../../ui/line/line-words.ts'
import { Evidence } from './evidence.tsx'
import styles from './findings.module.css'

/** "Straight" is not said of what goes another way. */
function findingsOf(verdict: Verdict, path: PathState): readonly PathKey[] {
  const isAway = verdict.plane === 'chat' && verdict.kind === 'ok' && path.route !== null && path.route.kind !== 'plain'
  if (!isAway) return findingKeys(verdict)
  const isPinned = path.routes.some(({ recipe, choice }) => choice === 'pinned' && recipe === path.route?.recipe)
  return [isPinned ? 'finding.chat.ok.pinned' : 'finding.chat.ok.detour']
}

export function FindingRow({ verdict, path }: { verdict: Verdict; path: PathState }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const trouble = verdict.kind !== 'ok' && !(verdict.kind === 'inconclusive' && verdict.evidence.length === 0)
  const { actions, exposure } = verdict
  return (
    <li className={styles.row} data-trouble={trouble || undefined}>
      <div className={styles.plane}>
        <h3>{t(`plane.${verdict.plane}`)}</h3>
        <LineMini path={path} plane={verdict.plane} width={132} />
      </div>
      <div className={styles.finding}>
        {findingsOf(verdict, path).map((key) => (
          <p key={key}>{t(key)}</p>
        ))}
        {trouble && (
          <p className={styles.meta}>
            <Confidence word={verdict.word} />
            {verdict.place && <span>{t(`where.${verdict.place}`)}</span>}
            <span>{t('sinceTime', { time: format.time(verdict.since) })}</span>
          </p>
        )}
        {actions.length + exposure.length > 0 && (
          <dl className={styles.consequences}>
            <dt>{t('didTitle')}</dt>
            {actions.length === 0 ? <dd>{t('actionNone')}</dd> : actions.map((action) => <dd key={action}>{t(`action.${action}`)}</dd>)}
            <dt>{t('exposedTitle')}</dt>
            {exposure.length === 0 ? <dd>{t('exposureNone')}</dd> : exposure.map((code) => <dd key={code}>{t(`exposure.${code}`)}</dd>)}
          </dl>
        )}
        <Evidence verdict={verdict} />
      </div>
    </li>
  )
}
