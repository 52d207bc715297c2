/** Path: how we are connected, drawn, timed, explained and proven. Everything here is read from the path's state; nothing is guessed. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PathState, Plane } from '../../../../shared/contract/path.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Line } from '../../ui/line/line.tsx'
import { lineModel, planeShown } from '../../ui/line/line-model.ts'
import { Page, Quiet, Section } from '../../ui/page.tsx'
import { Switch } from '../../ui/switch.tsx'
import { CheckAgain, CheckProgress } from './check-again.tsx'
import { Compare } from './compare.tsx'
import { Diagnostics } from './diagnostics.tsx'
import { FindingRow } from './finding-row.tsx'
import { HelpOthers } from './help-others.tsx'
import { History } from './history.tsx'
import { NetworkMemory, SecondConnection } from './memory.tsx'
import { Notices } from './notices.tsx'
import styles from './path.module.css'
import { Race } from './race.tsx'
import { Routes } from './routes.tsx'
import { SignedList } from './signed-list.tsx'
import { Steps } from './steps.tsx'

/** Messages first: that is what people came for. */
const order = ['chat', 'media', 'links', 'web', 'bootstrap'] as const satisfies readonly Plane[]

export function PathView() {
  const { t } = useTranslation('path')
  const { t: common } = useTranslation()
  const path = useApp((state) => state.path)
  const call = useCall()
  if (!path) return <Empty>{common('loading')}</Empty>
  return (
    <Page
      title={t('title')}
      beside={<Chip>{t(path.network.kind === 'simulated' ? 'simulatedNetwork' : 'realNetwork')}</Chip>}
      actions={
        <>
          {path.status !== 'connected' && (
            <Button look="primary" onClick={() => void call('path.retry', {})}>
              {t('tryNow')}
            </Button>
          )}
          <CheckAgain />
        </>
      }
    >
      <CheckProgress />
      <Ways path={path} />
      <Section title={t('findings')}>
        <ul>
          {order.map((plane) => {
            const verdict = path.verdicts.find((candidate) => candidate.plane === plane)
            return verdict && <FindingRow key={plane} verdict={verdict} path={path} />
          })}
        </ul>
        {path.verdicts.length === 0 && <Quiet>{t('noAttempt')}</Quiet>}
      </Section>
      <History />
      <Compare />
      <Race path={path} />
      <Routes path={path} />
      <SignedList />
      <SecondConnection path={path} />
      <NetworkMemory path={path} />
      <Diagnostics path={path} />
      <HelpOthers />
    </Page>
  )
}

/** The line of one plane at a time: first of the one that matters now, then of the one the person chose. */
function Ways({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  const [chosen, setChosen] = useState<Plane | null>(null)
  const plane = chosen ?? planeShown(path)
  return (
    <section className={styles.line}>
      <Switch
        label={t('whose')}
        options={order.map((value) => ({ value, label: t(`plane.${value}`) }))}
        value={plane}
        onChange={setChosen}
      />
      <Line model={lineModel(path, plane)} />
      <Notices path={path} />
      <Steps path={path} />
    </section>
  )
}
