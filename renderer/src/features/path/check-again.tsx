/** The check that a person asks for: begun, followed measurement by measurement, and left off. */
import { useTranslation } from 'react-i18next'
import type { ProbeProgress } from '../../../../shared/contract/why.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import styles from './path.module.css'

export function CheckAgain() {
  const { t } = useTranslation('path')
  const call = useCall()
  const progress = useApp((state) => state.probe)
  return progress ? (
    <Button onClick={() => void call('path.stopProbe', {})}>{t('stopCheck')}</Button>
  ) : (
    <Button onClick={() => void call('path.probe', {})}>{t('runAgain')}</Button>
  )
}

export function CheckProgress() {
  const { t } = useTranslation('path')
  const format = useFormat()
  const progress = useApp((state) => state.probe)
  const words = useStep(progress)
  if (!progress) return null
  const { done, of } = progress
  return (
    <div className={styles.check}>
      <progress max={of} value={done} aria-label={t('checking')} />
      <p>
        {t('checkStep', { n: format.number(Math.min(of, done + 1)), of: format.number(of) })} {words}
      </p>
    </div>
  )
}

function useStep(progress: ProbeProgress | null): string {
  const { t } = useTranslation('path')
  if (!progress) return ''
  const { step, plane } = progress
  return plane === null ? t(`probe.${step}`, { plane: '' }) : t(`probe.${step}`, { plane: t(`plane.${plane}`) })
}
