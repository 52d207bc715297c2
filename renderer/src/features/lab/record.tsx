/** The move record: censor above, service and app below, the world between, on one axis of time. */
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState, Move } from '../../../../shared/contract/lab.ts'
import { Button } from '../../ui/button.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { displayName } from './display-name.ts'
import labStyles from './lab.module.css'
import { useMoveWords } from './move-words.ts'
import styles from './record.module.css'
import { type Column, recordColumns } from './record-model.ts'
import { useStoryTime } from './story-time.ts'

export function MoveRecord({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const [open, setOpen] = useState<Move | null>(null)
  const columns = recordColumns(lab.moves)
  const end = useRef<HTMLOListElement>(null)
  const count = lab.moves.length
  // The newest move comes into view by itself, as at the end of a chat.
  useEffect(() => {
    if (count > 0 && end.current)
      end.current.scrollLeft = end.current.scrollWidth * (getComputedStyle(end.current).direction === 'rtl' ? -1 : 1)
  }, [count])
  const shown = open === null ? undefined : lab.moves.find((move) => same(move, open))
  return (
    <section className={labStyles.section} aria-labelledby="lab-record">
      <h2 id="lab-record">{t('record')}</h2>
      {columns.length === 0 ? (
        <p className={labStyles.quiet}>{t('recordEmpty')}</p>
      ) : (
        <>
          <p className={labStyles.quiet}>{t('recordHelp')}</p>
          <div className={styles.frame}>
            <p className={styles.laneName} data-lane="censor" aria-hidden="true">
              {t('lane.censor')}
            </p>
            <p className={styles.laneName} data-lane="service" aria-hidden="true">
              {t('lane.service')}
            </p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <ol ref={end} className={styles.columns} tabIndex={0} aria-label={t('record')}>
              {columns.map((column) => (
                <RecordColumn key={`${column.atMs} ${column.story}`} column={column} open={open} onOpen={setOpen} />
              ))}
            </ol>
          </div>
          {shown && <Details move={shown} onClose={() => setOpen(null)} />}
        </>
      )}
    </section>
  )
}

const same = (a: Move, b: Move) => a.atMs === b.atMs && a.side === b.side && a.text === b.text && a.code === b.code

function RecordColumn({ column, open, onOpen }: { column: Column; open: Move | null; onOpen: (move: Move | null) => void }) {
  const { t } = useTranslation('lab')
  const storyTime = useStoryTime()
  const milliseconds = useMilliseconds()
  const card = (move: Move) => (
    <MoveCard
      key={`${move.atMs} ${move.side} ${move.code ?? move.text}`}
      move={move}
      after={move.atMs - column.atMs}
      pressed={open !== null && same(open, move)}
      onPress={() => onOpen(open !== null && same(open, move) ? null : move)}
    />
  )
  return (
    <li className={styles.column}>
      <div className={styles.above}>{column.above.map(card)}</div>
      <div className={styles.axis}>
        <span className={styles.dot} aria-hidden="true" />
        <p>
          {column.story !== null && <time dateTime={column.story}>{storyTime(column.story)}</time>}
          {column.atMs > 0 && <span>{t('after', { time: milliseconds(column.atMs) })}</span>}
        </p>
        {column.between.map(card)}
      </div>
      <div className={styles.below}>{column.below.map(card)}</div>
    </li>
  )
}

function MoveCard({ move, after, pressed, onPress }: { move: Move; after: number; pressed: boolean; onPress: () => void }) {
  const { t } = useTranslation('lab')
  const words = useMoveWords()
  const milliseconds = useMilliseconds()
  return (
    <button type="button" className={styles.card} data-side={move.side} aria-pressed={pressed} onClick={onPress}>
      <span className={styles.side}>
        {move.side === 'app' && move.who !== undefined ? t('sideApp', { name: displayName(move.who) }) : t(`side.${move.side}`)}
        {after > 0 && <span> {t('after', { time: milliseconds(after) })}</span>}
      </span>
      <bdi>{words(move)}</bdi>
    </button>
  )
}

function Details({ move, onClose }: { move: Move; onClose: () => void }) {
  const { t } = useTranslation('lab')
  const words = useMoveWords()
  const storyTime = useStoryTime()
  const milliseconds = useMilliseconds()
  return (
    <div className={styles.details} role="status">
      <dl>
        <dt>{t('what')}</dt>
        <dd>
          <bdi>{words(move)}</bdi>
        </dd>
        {move.effect !== undefined && (
          <>
            <dt>{t('effect')}</dt>
            <dd>
              <bdi>{move.effect}</bdi>
            </dd>
          </>
        )}
        <dt>{t('when')}</dt>
        <dd>{t('whenIn', { time: milliseconds(move.atMs) })}</dd>
        {move.story !== undefined && (
          <>
            <dt>{t('storyDay')}</dt>
            <dd>{storyTime(move.story)}</dd>
          </>
        )}
      </dl>
      <Button look="quiet" onClick={onClose}>
        {t('closeDetails')}
      </Button>
    </div>
  )
}
