/** The plain client's clock beside ours: same place, one way, no detours. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { systemClock } from '../../../../shared/util/clock.ts'
import { useApp } from '../../state/backend.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { useNow } from '../../ui/line/use-now.ts'
import styles from './plain-clock.module.css'

type Plain = NonNullable<LabState['plain']>

export function PlainClock({ client, plain }: { client: string; plain: Plain }) {
  const { t } = useTranslation('lab')
  const milliseconds = useMilliseconds()
  const elapsed = useElapsed(plain)
  const waiting = plain.state === 'connecting'
  return (
    <section className={styles.clocks} aria-label={t('clocks')}>
      <p className={styles.clock} data-state={plain.state}>
        <span className={styles.face}>{milliseconds(Math.floor(elapsed / 100) * 100)}</span>
        <span className={styles.words}>
          <b>{t('plain')}</b>
          <span>{waiting ? t('plainWaiting', { count: plain.attempts }) : t('plainConnected')}</span>
        </span>
      </p>
      <Ours client={client} />
    </section>
  )
}

/** Only the person of this window sees their own app's time here. */
function Ours({ client }: { client: string }) {
  const { t } = useTranslation('lab')
  const milliseconds = useMilliseconds()
  const user = useApp((state) => state.hello?.user)
  const path = useApp((state) => state.path)
  if (client !== user || path === null) return null
  const through = path.lastSwitch?.gapMs ?? path.route?.connectMs
  const connected = path.status === 'connected' && through !== undefined
  return (
    <p className={styles.clock} data-state={connected ? 'connected' : 'connecting'}>
      <span className={styles.face}>{connected ? milliseconds(through) : '–'}</span>
      <span className={styles.words}>
        <b>{t('oursHere')}</b>
        <span>{t(connected ? 'oursThrough' : 'oursLooking')}</span>
      </span>
    </p>
  )
}

/** The gateway tells how long it has been; between its messages the clock runs here. */
function useElapsed(plain: Plain): number {
  const now = useNow(100, true)
  const [told, setTold] = useState({ plain, at: systemClock.now() })
  useEffect(() => {
    setTold((before) =>
      before.plain.state === plain.state && before.plain.sinceMs === plain.sinceMs ? before : { plain, at: systemClock.now() },
    )
  }, [plain])
  return told.plain.sinceMs + Math.max(0, now - told.at)
}
