/** The four timed steps of the connection in use: look up, reach, encrypt, recognise. */
import { useTranslation } from 'react-i18next'
import { type PathState, phases } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './path.module.css'
import { winningSteps } from './waterfall-model.ts'

export function Steps({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const won = winningSteps(path.attempts)
  const longest = Math.max(1, ...phases.map((phase) => won?.ms[phase] ?? 0))
  const value = (ms: number | null) => {
    if (won === null) return t('stepNotYet')
    return ms === null ? t('stepSkipped') : milliseconds(ms)
  }
  return (
    <Section title={t('steps')} className={styles.steps}>
      <ol>
        {phases.map((phase, index) => {
          const ms = won?.ms[phase] ?? null
          return (
            <li key={phase}>
              <span className={styles.stepNumber} aria-hidden="true">
                {format.number(index + 1)}
              </span>
              <b>{t(`step.${phase}`)}</b>
              <span className={styles.stepTime}>{value(ms)}</span>
              <span className={styles.stepBar} aria-hidden="true">
                <span style={{ inlineSize: `${((ms ?? 0) / longest) * 100}%` }} />
              </span>
              <span className={styles.stepHelp}>{t(`stepHelp.${phase}`)}</span>
            </li>
          )
        })}
      </ol>
      {path.route && (
        <Quiet>
          {t('stepTotal', { ms: milliseconds(path.route.connectMs) })} <bdi dir="ltr">{path.route.recipe}</bdi>
        </Quiet>
      )}
    </Section>
  )
}
