/** Lab: the simulated internet, the stories that can be played in it, and what every side did. Shows one state in all windows. */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { useApp, useHasGroup } from '../../state/backend.ts'
import { Chip } from '../../ui/chip.tsx'
import { displayName } from '../../ui/display-name.ts'
import { Empty } from '../../ui/empty.tsx'
import { Page, Quiet } from '../../ui/page.tsx'
import { CostPanel } from './cost-panel.tsx'
import { FreeBar } from './free-bar.tsx'
import styles from './lab.module.css'
import { Lanes } from './lanes.tsx'
import { LookingProvider, useLookingBack } from './looking-back.ts'
import { MapPane } from './map-pane.tsx'
import { PlainClock } from './plain-clock.tsx'
import { MoveRecord } from './record.tsx'
import { RunBar } from './run-bar.tsx'
import { Stories } from './stories.tsx'
import { PastBanner } from './time-bar.tsx'
import { TruthCards } from './truth-cards.tsx'

export function LabView() {
  const { t } = useTranslation('lab')
  const { t: common } = useTranslation()
  const present = useHasGroup('lab')
  const lab = useApp((state) => state.lab)
  if (!present) return <Empty>{t('noLab')}</Empty>
  return lab === null ? <Empty>{common('loading')}</Empty> : <Laboratory lab={lab} />
}

function Laboratory({ lab: now }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const user = useApp((state) => state.hello?.user)
  const { running, free } = now
  const there = now.clients.filter(({ vantage }) => vantage === free?.vantage).map(({ name }) => name)
  const plainFor = running?.client ?? there.find((name) => name === user) ?? there[0] ?? ''
  const { shown: lab, looking } = useLookingBack(now)
  const { plain } = lab
  const axis = running ?? free
  const told = lab.moves.length > 0
  const elsewhere = now.changedBy !== null && now.changedBy !== user ? t('changedBy', { name: displayName(now.changedBy) }) : null
  return (
    <Page
      wide
      title={t('title')}
      beside={
        <>
          <Chip help={t('simulatedHelp')}>{t('simulated')}</Chip>
          {!running && <p>{t(now.adaptive?.on ? 'atRestLearning' : now.gates.length > 0 ? 'atRestCensored' : 'atRest')}</p>}
          <Quiet role="status">{elsewhere}</Quiet>
        </>
      }
    >
      <LookingProvider value={looking}>
        {running && <RunBar lab={now} running={running} />}
        {!running && free && <FreeBar lab={now} free={free} />}
        <PastBanner />
        <div className={styles.world}>
          <div className={styles.told}>
            {plain && looking.at === null && <PlainClock client={plainFor} plain={plain} />}
            {axis && told && <Lanes moves={now.moves} lastsMs={axis.atMs} />}
            {(running || told) && <MoveRecord lab={lab} />}
            {told && <CostPanel lab={lab} />}
            {!axis && <Stories lab={now} />}
          </div>
          <MapPane lab={lab} />
        </div>
        <TruthCards lab={lab} />
      </LookingProvider>
      {axis && <Stories lab={now} />}
    </Page>
  )
}
