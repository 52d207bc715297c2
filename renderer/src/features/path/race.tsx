/** The last race on a millisecond axis: who tried what, how far each came, who won; and the same again at a tenth of the speed. */
import { Pause, Play } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { PathState } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { reasonKey } from '../../ui/line/finding-words.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { useNow } from '../../ui/line/use-now.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './race.module.css'
import { useReplay } from './use-replay.ts'
import { type Row, raceSpan, type Waterfall, waterfall, withoutRace } from './waterfall-model.ts'

const legend = ['lookup', 'reach', 'encrypt', 'recognise'] as const

export function Race({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const { attempts, raceAt } = path
  const running = attempts.some((attempt) => attempt.outcome === 'running')
  const now = useNow(100, running)
  const nowMs = raceAt === null ? 0 : Math.max(0, now - raceAt)
  const replay = useReplay(raceSpan(attempts, nowMs), raceAt)
  if (raceAt === null || attempts.length === 0) {
    return (
      <Section title={t('race')}>
        <Quiet>{t('noAttempt')}</Quiet>
      </Section>
    )
  }
  const tookOver = withoutRace(path)
  const shown = waterfall(attempts, nowMs, replay.moment)
  return (
    <Section title={t('race')}>
      <Quiet>
        {t('raceHelp')} {t('raceAt', { time: format.time(raceAt) })}
      </Quiet>
      {tookOver && (
        <Quiet>
          {t('tookOver', { route: t(`routeKind.${tookOver.kind}`), time: format.time(tookOver.since) })}{' '}
          <bdi dir="ltr">{tookOver.recipe}</bdi>
        </Quiet>
      )}
      <div className={styles.controls}>
        <Button
          icon={replay.playing ? Pause : Play}
          className={styles.play}
          disabled={running}
          onClick={replay.playing ? replay.stop : replay.play}
        >
          {t(replay.playing ? 'stopReplay' : 'replay')}
        </Button>
        <input
          type="range"
          min={0}
          max={shown.spanMs}
          step="any"
          value={replay.moment ?? shown.spanMs}
          disabled={running}
          aria-label={t('replayPosition')}
          aria-valuetext={milliseconds(replay.moment ?? shown.spanMs)}
          onChange={(event) => replay.seek(Number(event.target.value))}
        />
        <output className={styles.moment}>{milliseconds(replay.moment ?? shown.spanMs)}</output>
      </div>
      <ul className={styles.legend}>
        {legend.map((phase) => (
          <li key={phase}>
            <span className={styles.bar} data-phase={phase} data-outcome="ok" aria-hidden="true" />
            {t(`step.${phase}`)}
          </li>
        ))}
      </ul>
      <ol className={styles.rows}>
        {shown.rows.map((row) => (
          <RaceRow key={row.attempt.id} row={row} shown={shown} moment={replay.moment} />
        ))}
      </ol>
      <Axis shown={shown} />
    </Section>
  )
}

function RaceRow({ row, shown, moment }: { row: Row; shown: Waterfall; moment: number | null }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const { attempt, outcome } = row
  const reason = attempt.reason ?? attempt.phases.find((phase) => phase.reason !== undefined)?.reason
  const words = () => {
    switch (outcome) {
      case 'waiting':
        return t('attemptStarted', { ms: milliseconds(attempt.startMs) })
      case 'running':
        return t('outcome.running')
      case 'won':
        return t('outcome.won', { ms: milliseconds(row.end) })
      case 'cancelled':
        return t('outcome.cancelled')
      case 'failed':
        return reason === undefined ? t('reason.other', { code: outcome }) : t(reasonKey(reason), { code: reason })
    }
  }
  const { why } = attempt
  const pulledBy = shown.rows.find((other) => other.attempt.id === why?.by)?.number ?? 0
  const at = (ms: number) => `${(ms / shown.spanMs) * 100}%`
  return (
    <li className={styles.row} data-outcome={outcome}>
      <p className={styles.name}>
        <span className={styles.number}>{format.number(row.number)}</span>
        <b>{t(`routeKind.${attempt.kind}`)}</b>
        {outcome === 'won' && <Chip tone="through">{t('winner')}</Chip>}
        {attempt.why?.cause === 'remembered' && <Chip>{t('remembered')}</Chip>}
        <bdi dir="ltr">{attempt.recipe}</bdi>
      </p>
      <div className={styles.track}>
        <div className={styles.lane} aria-hidden="true">
          {shown.ticks.map((tick) => (
            <span key={tick} className={styles.grid} style={{ insetInlineStart: at(tick) }} />
          ))}
          {row.bars.map((bar) => (
            <span
              key={bar.phase}
              className={styles.bar}
              data-phase={bar.phase}
              data-outcome={bar.outcome}
              style={{ insetInlineStart: at(bar.from), inlineSize: at(bar.to - bar.from) }}
            />
          ))}
          {outcome !== 'waiting' && outcome !== 'running' && <span className={styles.end} style={{ insetInlineStart: at(row.end) }} />}
          {moment !== null && <span className={styles.playhead} style={{ insetInlineStart: at(moment) }} />}
        </div>
        <p className={styles.words}>{words()}</p>
        {why && <p className={styles.why}>{t(`why.${why.cause}`, { number: format.number(pulledBy) })}</p>}
      </div>
    </li>
  )
}

function Axis({ shown }: { shown: Waterfall }) {
  const milliseconds = useMilliseconds()
  return (
    <div className={styles.axis} aria-hidden="true">
      {shown.ticks.map((tick) => (
        <span key={tick} style={{ insetInlineStart: `${(tick / shown.spanMs) * 100}%` }}>
          {milliseconds(tick)}
        </span>
      ))}
    </div>
  )
}
