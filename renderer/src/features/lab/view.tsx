/** Lab: the simulated internet, the stories that can be played in it, and what every side did. Shows one state in all windows. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useApp, useHasGroup } from '../../state/backend.ts'
import { Chip } from '../../ui/chip.tsx'
import { Empty } from '../../ui/empty.tsx'
import { CensorPanel } from './censor-panel.tsx'
import { CostPanel } from './cost-panel.tsx'
import { displayName } from './display-name.ts'
import styles from './lab.module.css'
import { MapPane } from './map-pane.tsx'
import { MoveRecord } from './record.tsx'
import { RunBar } from './run-bar.tsx'
import { Stories } from './stories.tsx'
import { TruthCards } from './truth-cards.tsx'

export function LabView() {
  const { t } = useTranslation('lab')
  const { t: common } = useTranslation()
  const present = useHasGroup('lab')
  const lab = useApp((state) => state.lab)
  if (!present) return <Empty>{t('noLab')}</Empty>
  return lab === null ? <Empty>{common('loading')}</Empty> : <Laboratory lab={lab} />
}

function Laboratory({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const user = useApp((state) => state.hello?.user)
  const told = lab.moves.length > 0
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <Chip help={t('simulatedHelp')}>{t('simulated')}</Chip>
        <p className={styles.quiet} role="status">
          {lab.changedBy !== null && lab.changedBy !== user && t('changedBy', { name: displayName(lab.changedBy) })}
        </p>
      </header>
      {lab.running ? (
        <>
          <RunBar lab={lab} running={lab.running} />
          <MoveRecord lab={lab} />
        </>
      ) : (
        <>
          <p>{t(lab.gates.length > 0 ? 'atRestCensored' : 'atRest')}</p>
          <Stories lab={lab} />
        </>
      )}
      <div className={styles.world}>
        <MapPane lab={lab} />
        <div className={styles.beside}>
          <CensorPanel lab={lab} />
          {told && <CostPanel lab={lab} />}
        </div>
      </div>
      {!lab.running && told && <MoveRecord lab={lab} />}
      <TruthCards lab={lab} />
      {lab.running && <Stories lab={lab} />}
    </div>
  )
}
