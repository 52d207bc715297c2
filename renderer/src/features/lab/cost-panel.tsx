/** What it cost both sides so far. Nobody is declared the winner. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { displayName } from './display-name.ts'
import styles from './lab.module.css'
import { costs } from './record-model.ts'

export function CostPanel({ lab }: { lab: LabState }) {
  const { t, i18n } = useTranslation('lab')
  const milliseconds = useMilliseconds()
  const { strangersDown, recorded, lostMs, detours, bridgeUsed } = costs(lab)
  const list = new Intl.ListFormat(i18n.language === 'pseudo' ? 'en' : i18n.language).format(strangersDown)
  return (
    <section className={styles.panel} aria-labelledby="lab-cost">
      <h2 id="lab-cost">{t('cost')}</h2>
      <h3>{t('costCensor')}</h3>
      <ul>
        <li>{strangersDown.length === 0 ? t('strangersNone') : t('strangersDown', { count: strangersDown.length })}</li>
        {strangersDown.length > 0 && <li className={styles.quiet}>{t('strangersList', { list })}</li>}
        {recorded !== null && <li>{recorded === 0 ? t('recordedNone') : t('recorded', { count: recorded })}</li>}
      </ul>
      <h3>{t('costService')}</h3>
      <ul>
        <li>{lostMs === 0 ? t('lostNothing') : t('lostSeconds', { seconds: milliseconds(lostMs) })}</li>
        {detours > 0 && <li>{t('detours', { count: detours })}</li>}
        {bridgeUsed && <li>{t('bridgeSaw')}</li>}
        {lab.tracker && <RecordedHere lab={lab} />}
      </ul>
    </section>
  )
}

function RecordedHere({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const client = lab.running?.client
  if (client === undefined) return null
  return <li>{t('recordedOf', { name: displayName(client), count: lab.tracker?.byClient[client] ?? 0 })}</li>
}
