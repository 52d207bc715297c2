/**
 * The moves on one axis of time, in two lanes: the censor's above, the answers of service and app below, and between them what nobody
 * of the two did. Those far enough apart are buttons that show the world as it stood
 * then; what each was is told by the record beside it, which shows the world at every one.
 */
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import styles from './lanes.module.css'
import { laneOf, lanes } from './lanes-model.ts'
import { useLooking } from './looking-back.ts'
import { useRunClock } from './time-bar.tsx'

export function Lanes({ moves, lastsMs }: { moves: LabState['moves']; lastsMs: number }) {
  const { t } = useTranslation('lab')
  const clock = useRunClock()
  const { at, look: lookAt } = useLooking()
  const { marks, ticks } = lanes(moves, lastsMs)
  return (
    <section className={styles.lanes} aria-label={t('lanes')}>
      {(['censor', 'world', 'answer'] as const).map((lane) => (
        <div key={lane} className={styles.lane} data-lane={lane}>
          <span className={styles.name}>{t(`lane.${lane}`)}</span>
          <span className={styles.track}>
            {marks
              .filter((mark) => laneOf(mark.line.move) === lane)
              .map(({ line, share, leads }) => {
                const look = { className: styles.mark, 'data-side': line.move.side, style: { insetInlineStart: `${share * 100}%` } }
                const key = `${line.move.atMs} ${line.move.side} ${line.move.code ?? ''} ${line.move.text}`
                return leads ? (
                  <button
                    key={key}
                    type="button"
                    {...look}
                    aria-label={t('markAt', { side: t(`side.${line.move.side}`), time: clock(line.move.atMs) })}
                    aria-pressed={at === line.move.atMs}
                    onClick={() => lookAt(at === line.move.atMs ? null : line.move.atMs)}
                  />
                ) : (
                  <span key={key} {...look} />
                )
              })}
          </span>
        </div>
      ))}
      <div className={styles.lane} aria-hidden="true">
        <span className={styles.name} />
        <span className={styles.ticks}>
          {ticks.map(({ ms, share }) => (
            <span key={ms} style={{ insetInlineStart: `${share * 100}%` }}>
              {clock(ms)}
            </span>
          ))}
        </span>
      </div>
    </section>
  )
}
