/** Path: how we are connected, drawn, timed, explained and proven. Everything here is read from the path's state; nothing is guessed. */
import { useTranslation } from 'react-i18next'
import type { Plane } from '../../../../shared/contract/path.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Line } from '../../ui/line/line.tsx'
import { lineModel } from '../../ui/line/line-model.ts'
import { FindingRow } from './finding-row.tsx'
import { Notices } from './notices.tsx'
import styles from './path.module.css'
import { Race } from './race.tsx'
import { Routes } from './routes.tsx'
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
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <Chip>{t(path.network.kind === 'simulated' ? 'simulatedNetwork' : 'realNetwork')}</Chip>
        <span className={styles.buttons}>
          {path.status !== 'connected' && (
            <Button look="primary" onClick={() => void call('path.retry', {})}>
              {t('tryNow')}
            </Button>
          )}
          <Button onClick={() => void call('path.probe', {})}>{t('runAgain')}</Button>
        </span>
      </header>
      <section className={styles.line}>
        <Line model={lineModel(path)} />
        <Notices path={path} />
        <Steps path={path} />
      </section>
      <section className={styles.section} aria-labelledby="path-findings">
        <h2 id="path-findings">{t('findings')}</h2>
        <ul>
          {order.map((plane) => {
            const verdict = path.verdicts.find((candidate) => candidate.plane === plane)
            return verdict && <FindingRow key={plane} verdict={verdict} path={path} />
          })}
        </ul>
        {path.verdicts.length === 0 && <p className={styles.quiet}>{t('noAttempt')}</p>}
      </section>
      <Race path={path} />
      <Routes path={path} />
    </div>
  )
}
