/** What it cost both sides so far. Nobody is declared the winner. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { isolated } from '../../i18n/isolated.ts'
import { displayName } from '../../ui/display-name.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Section } from '../../ui/page.tsx'
import styles from './lab.module.css'
import { costs } from './record-model.ts'

export function CostPanel({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const { strangersDown, recorded, lostMs, detours, bridgeUsed } = costs(lab)
  const list = format.list(strangersDown.map(isolated))
  return (
    <Section title={t('cost')} className={styles.cost}>
      <div>
        <h3>{t('costCensor')}</h3>
        <ul>
          <li>{strangersDown.length === 0 ? t('strangersNone') : t('strangersDown', { count: strangersDown.length })}</li>
          {strangersDown.length > 0 && <li className={styles.quiet}>{t('strangersList', { list })}</li>}
          {lab.addressesBlocked > 0 && <li>{t('addressesBlocked', { amount: format.amount(lab.addressesBlocked) })}</li>}
          {recorded !== null && <li>{recorded === 0 ? t('recordedNone') : t('recorded', { count: recorded })}</li>}
        </ul>
      </div>
      {/* What the app did is told of a running story only. */}
      {lab.running && (
        <div>
          <h3>{t('costService')}</h3>
          <ul>
            <li>{lostMs === 0 ? t('lostNothing') : t('lostSeconds', { seconds: milliseconds(lostMs) })}</li>
            {detours > 0 && <li>{t('detours', { count: detours })}</li>}
            {bridgeUsed && <li>{t('bridgeSaw')}</li>}
            {lab.tracker && <RecordedHere lab={lab} />}
          </ul>
        </div>
      )}
    </Section>
  )
}

function RecordedHere({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const client = lab.running?.client
  if (client === undefined) return null
  return <li>{t('recordedOf', { name: displayName(client), count: lab.tracker?.byClient[client] ?? 0 })}</li>
}
