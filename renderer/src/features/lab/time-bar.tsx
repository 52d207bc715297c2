/** The run's own time: a slider to look back along it, how fast it goes, and the next move at once. */
import { SkipForward } from 'lucide-react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import { LabSpeed, type LabState } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import labStyles from './lab.module.css'
import { useLooking } from './looking-back.ts'
import styles from './time-bar.module.css'

type Running = NonNullable<LabState['running']>
/** What has a beginning, moves, and a now: a story, or a play without one. */
type Axis = Pick<Running, 'atMs' | 'lastsMs' | 'moveTimes'>

/** One press of an arrow key. */
const STEP_MS = 100

/** `running`: of a story, which can be hurried. */
export function TimeBar({ axis, running = null }: { axis: Axis; running?: Running | null }) {
  const { t } = useTranslation('lab')
  const format = useFormat()
  const call = useCall()
  const { at, look } = useLooking()
  const id = useId()
  const clock = useRunClock()
  const now = Math.min(axis.atMs, axis.lastsMs)
  return (
    <div className={styles.bar}>
      <div className={styles.axis}>
        <label htmlFor={id}>{t('lookBack')}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={axis.lastsMs}
          step={STEP_MS}
          value={at ?? now}
          list={`${id}-moves`}
          aria-valuetext={at === null ? t('atNow', { time: clock(now) }) : t('atThen', { time: clock(at) })}
          // What has not happened cannot be looked at.
          onChange={({ target }) => look(target.valueAsNumber >= now ? null : target.valueAsNumber)}
        />
        <datalist id={`${id}-moves`}>
          {axis.moveTimes.map((time) => (
            <option key={time} value={time} />
          ))}
        </datalist>
        <output className={styles.clock}>
          <bdi>{clock(at ?? now)}</bdi>
        </output>
      </div>
      {running && !running.finished && (
        <div className={styles.pace}>
          <label>
            {t('speed')}
            <select
              className={labStyles.select}
              value={running.rate}
              onChange={({ target }) => void call('lab.speed', { speed: v.parse(LabSpeed, Number(target.value)) })}
            >
              {LabSpeed.options.map((speed) => (
                <option key={speed} value={speed}>
                  {t('times', { speed: format.number(speed) })}
                </option>
              ))}
            </select>
          </label>
          <Button icon={SkipForward} onClick={() => void call('lab.step', {})}>
            {t('nextMove')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** Says that this is not now, for as long as it is not. */
export function PastBanner() {
  const { t } = useTranslation('lab')
  const { at, look } = useLooking()
  const clock = useRunClock()
  return (
    <div role="status">
      {at !== null && (
        <div className={styles.past}>
          <p>
            <b>{t('lookingAt', { time: clock(at) })}</b> {t('lookingHelp')}
          </p>
          <Button look="primary" onClick={() => look(null)}>
            {t('backToNow')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** Minutes and seconds, as a player shows them: `0:34`. */
export function useRunClock(): (ms: number) => string {
  const format = useFormat()
  return (ms) => {
    const seconds = Math.floor(ms / 1000)
    const rest = format.number(seconds % 60)
    return `${format.number(Math.floor(seconds / 60))}:${seconds % 60 < 10 ? format.number(0) : ''}${rest}`
  }
}
