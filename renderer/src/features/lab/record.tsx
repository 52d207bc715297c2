/** The move record: exchanges down one axis of time, the moves that set one off at its start edge, the answers at its end edge. */
import { Download } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState, Move } from '../../../../shared/contract/lab.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { displayName } from '../../ui/display-name.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import { saveAs } from '../../ui/save-as.ts'
import { Told } from '../../ui/told.tsx'
import { useLooking } from './looking-back.ts'
import { useMoveWords, useSaidFully } from './move-words.tsx'
import styles from './record.module.css'
import { type Exchange, exchanges, type Line } from './record-model.ts'
import { useStoryTime } from './story-time.ts'

/** Whoever reads this close to the end wants to see what comes. */
const NEAR_END = 80

export function MoveRecord({ lab }: { lab: LabState }) {
  const { t } = useTranslation('lab')
  const [open, setOpen] = useState<Move | null>(null)
  const told = exchanges(lab.moves)
  const list = useRef<HTMLOListElement>(null)
  const following = useRef(true)
  const count = told.reduce((sum, exchange) => sum + exchange.opened.length + exchange.answered.length, 0)
  // The newest move comes into view by itself, as at the end of a chat; who scrolled back to read is left alone.
  useLayoutEffect(() => {
    if (count > 0 && list.current && following.current) list.current.scrollTop = list.current.scrollHeight
  }, [count])
  if (told.length === 0) {
    return (
      <Section title={t('record')}>
        <Quiet>{t('recordEmpty')}</Quiet>
      </Section>
    )
  }
  return (
    <Section title={t('record')} help={t('recordHelp')} beside={<SaveEvents />}>
      <ol
        ref={list}
        className={styles.record}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t('record')}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          following.current = scrollHeight - scrollTop - clientHeight < NEAR_END
        }}
      >
        {told.map((exchange) => (
          <ExchangeItem key={`${exchange.atMs} ${exchange.story}`} exchange={exchange} open={open} onOpen={setOpen} />
        ))}
      </ol>
    </Section>
  )
}

/** Hands the log of events to the person as a file. */
function SaveEvents() {
  const { t } = useTranslation('lab')
  const call = useCall()
  const [leftOut, setLeftOut] = useState(0)
  const save = async () => {
    const events = await call('lab.events', {})
    if (!events) return
    saveAs(new Blob([events.text], { type: 'application/jsonl' }), 'lab-events.jsonl')
    setLeftOut(events.leftOut)
  }
  return (
    <>
      <Quiet role="status">{leftOut > 0 && t('savedLeftOut', { count: leftOut })}</Quiet>
      <Button look="quiet" icon={Download} onClick={() => void save()}>
        {t('saveEvents')}
      </Button>
    </>
  )
}

const same = (a: Move, b: Move) => a.atMs === b.atMs && a.side === b.side && a.text === b.text && a.code === b.code

interface OpenProps {
  open: Move | null
  onOpen: (move: Move | null) => void
}

function ExchangeItem({ exchange, open, onOpen }: { exchange: Exchange } & OpenProps) {
  const { t } = useTranslation('lab')
  const storyTime = useStoryTime()
  const milliseconds = useMilliseconds()
  return (
    <li className={styles.exchange}>
      <p className={styles.when}>
        {exchange.story !== null && <time dateTime={exchange.story}>{storyTime(exchange.story)}</time>}
        {exchange.atMs > 0 && <bdi>{t('after', { time: milliseconds(exchange.atMs) })}</bdi>}
      </p>
      {[...exchange.opened, ...exchange.answered].map((line) => {
        const { move } = line
        const isOpen = open !== null && same(open, move)
        return (
          <MoveCard
            key={`${move.atMs} ${move.side} ${move.code ?? ''} ${move.text}`}
            line={line}
            after={move.atMs - exchange.atMs}
            isOpen={isOpen}
            onPress={() => onOpen(isOpen ? null : move)}
          />
        )
      })}
    </li>
  )
}

function MoveCard({ line, after, isOpen, onPress }: { line: Line; after: number; isOpen: boolean; onPress: () => void }) {
  const { t } = useTranslation('lab')
  const words = useMoveWords()
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const { move } = line
  return (
    <div className={styles.card} data-side={move.side}>
      <button type="button" className={styles.face} aria-expanded={isOpen} onClick={onPress}>
        <span className={styles.side}>
          {move.side === 'app' && move.who !== undefined ? t('sideApp', { name: displayName(move.who) }) : t(`side.${move.side}`)}
          {after > 0 && (
            <>
              {' '}
              <bdi>{t('after', { time: milliseconds(after) })}</bdi>
            </>
          )}
        </span>
        <span>{words(line)}</span>
        {move.addressesBlocked !== undefined && (
          <span className={styles.toll}>{t('addressesBlocked', { amount: format.amount(move.addressesBlocked) })}</span>
        )}
      </button>
      {isOpen && <Details line={line} onClose={onPress} />}
    </div>
  )
}

function Details({ line: { move, also }, onClose }: { line: Line; onClose: () => void }) {
  const { t } = useTranslation('lab')
  const { look } = useLooking()
  const canLook = useApp((state) => state.lab?.running != null)
  const saidFully = useSaidFully()
  const storyTime = useStoryTime()
  const milliseconds = useMilliseconds()
  const said = [move, ...also].flatMap((each) => saidFully(each) ?? [])
  return (
    <div className={styles.details} role="status">
      <dl>
        {said.map(({ plane, sentences }) => [<dt key={`${plane} name`}>{plane}</dt>, <dd key={plane}>{sentences.join(' ')}</dd>])}
        {/* The app's own effects stand in its words already. */}
        {move.effect !== undefined && move.code === undefined && (
          <>
            <dt>{t('effect')}</dt>
            <dd>
              <Told block>{move.effect}</Told>
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
      {canLook && (
        <Button look="quiet" onClick={() => look(move.atMs)}>
          {t('lookThen')}
        </Button>
      )}
      <Button look="quiet" onClick={onClose}>
        {t('closeDetails')}
      </Button>
    </div>
  )
}
