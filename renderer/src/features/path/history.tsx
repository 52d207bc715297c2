/** What befell this network, from when to when: one entry for what began and ended together, under its day. */
import { useTranslation } from 'react-i18next'
import type { History as HistoryState } from '../../../../shared/contract/history.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp } from '../../state/backend.ts'
import { Chip } from '../../ui/chip.tsx'
import { Confidence } from '../../ui/confidence.tsx'
import { useNow } from '../../ui/line/use-now.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './history.module.css'
import { type Entry, entriesOf, logKeys } from './history-model.ts'

export function History() {
  const { t } = useTranslation('path')
  const format = useFormat()
  const history = useApp((state) => state.history)
  const isOpen = history?.lines.some(({ end }) => end === 'open') ?? false
  const now = useNow(1_000, isOpen)
  if (history === null) return null
  const entries = entriesOf(history.lines)
  const dayOf = ({ from }: Entry) => format.day(from, now)
  return (
    <Section title={t('history')}>
      <Quiet>{t('historyHelp')}</Quiet>
      {entries.length === 0 && <p>{t('historyNone')}</p>}
      {[...new Set(entries.map(dayOf))].map((day) => (
        <div key={day} className={styles.day}>
          <h3>{day}</h3>
          <ol>
            {entries
              .filter((entry) => dayOf(entry) === day)
              .map((entry) => (
                <HistoryEntry key={`${entry.planes.join()} ${entry.from}`} entry={entry} now={now} network={history.network} />
              ))}
          </ol>
        </div>
      ))}
    </Section>
  )
}

function HistoryEntry({ entry, now, network }: { entry: Entry; now: number; network: HistoryState['network'] }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const { planes, line } = entry
  const { from, until, end, word } = line
  // Across midnight the day is said too.
  const time = format.day(from, now) === format.day(until, now) ? format.time : format.moment
  const lasted = format.lasted((end === 'open' ? Math.max(until, now) : until) - from)
  return (
    <li className={styles.entry} data-end={end}>
      <p>
        <b>{format.row(planes.map((plane) => t(`plane.${plane}`)))}</b>
      </p>
      {logKeys(line).map((key) => (
        <p key={key}>{t(key)}</p>
      ))}
      <p className={styles.meta}>
        <span>{t(`historyEnd.${end}`, { from: time(from), until: time(until), lasted })}</span>
        <Confidence word={word} />
        {network === 'simulated' && <Chip>{t('simulatedEntry')}</Chip>}
      </p>
    </li>
  )
}
