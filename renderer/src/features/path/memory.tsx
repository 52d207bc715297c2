/** What the app keeps about the network in use, so that the next connection is fast; and the connection it keeps ready beside the first. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type StandbyChoice, standbyChoices } from '../../../../shared/contract/api.ts'
import type { PathState, RememberedWay } from '../../../../shared/contract/path.ts'
import { planes } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './routes.module.css'

export function NetworkMemory({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  const call = useCall()
  const [isForgotten, setForgotten] = useState(false)
  const forget = async (scope: 'here' | 'all') => {
    if ((await call('path.forget', { scope })) !== null) setForgotten(true)
  }
  const { remembered } = path
  const hasHistory = useApp((state) => (state.history?.lines.length ?? 0) > 0)
  return (
    <Section title={t('memory')}>
      <Quiet>{t('memoryHelp')}</Quiet>
      {remembered.length === 0 ? (
        <p>{t('memoryNone')}</p>
      ) : (
        planes.map((plane) => {
          const ways = remembered.filter((way) => way.plane === plane)
          if (ways.length === 0) return null
          return (
            <div key={plane}>
              <h3>{t(`plane.${plane}`)}</h3>
              <ol>
                {ways.map((way, index) => (
                  <Remembered key={way.recipe} way={way} isBest={index === 0} />
                ))}
              </ol>
            </div>
          )
        })
      )}
      <p role="status">{isForgotten && remembered.length === 0 && t('forgotten')}</p>
      <div className={styles.acts}>
        <Button disabled={remembered.length === 0 && !hasHistory} onClick={() => void forget('here')}>
          {t('forget')}
        </Button>
        <Button look="quiet" onClick={() => void forget('all')}>
          {t('forgetAll')}
        </Button>
      </div>
    </Section>
  )
}

function Remembered({ way, isBest }: { way: RememberedWay; isBest: boolean }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  return (
    <li className={styles.route}>
      <div>
        <p className={styles.kind}>
          <b>{t(isBest ? 'memoryFirst' : 'memorySecond')}</b>
          <bdi dir="ltr">{way.recipe}</bdi>
        </p>
        <p className={styles.facts}>
          <span>{t('memoryTakes', { ms: milliseconds(way.ms) })}</span>
          <span>{t('memoryWorkedAt', { time: format.moment(way.at) })}</span>
          {way.failures > 0 && <span>{t('memoryFailures', { count: way.failures })}</span>}
        </p>
      </div>
    </li>
  )
}

const labels = { off: 'standbyOff', auto: 'standbyAuto', always: 'standbyAlways' } as const satisfies Record<StandbyChoice, string>

export function SecondConnection({ path: { standby } }: { path: PathState }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const call = useCall()
  const choice = useApp((state) => state.settings?.standby)
  return (
    <Section title={t('standby')}>
      <Quiet>{t('standbyHelp')}</Quiet>
      <p>
        {standby ? t('standbyReady', { time: format.time(standby.since) }) : t('standbyNone')}{' '}
        {standby && (
          <>
            {t(`routeKind.${standby.kind}`)} <bdi dir="ltr">{standby.recipe}</bdi>
          </>
        )}
      </p>
      {choice && (
        <Choice
          label={t('standbyChoice')}
          value={choice}
          options={standbyChoices.map((value) => ({ value, label: t(labels[value]) }))}
          onChange={(next) => void call('settings.set', { standby: next })}
        />
      )}
    </Section>
  )
}
