/** The messages of the open chat. */
import { ArrowDown } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useDispatch } from '../../state/backend.ts'
import type { ChatWindow } from '../../state/state.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { useRoving } from '../../ui/use-roving.ts'
import { MessageRow } from './message-row.tsx'
import { NoticeRow } from './notice-row.tsx'
import { type Row, timelineRows } from './rows.ts'
import styles from './timeline.module.css'
import { useArrivals } from './use-arrivals.ts'
import { usePages } from './use-pages.ts'
import { useReadMarks } from './use-read-marks.ts'
import { useScroll } from './use-scroll.ts'
import { useSeen } from './use-seen.ts'

interface TimelineProps {
  chat: ChatSummary
  /** Stands above the first message, and alone where there is none. */
  beginning?: string
}

/** Loads the chat's newest messages, then shows them. Give it the chat's id as key. */
export function Timeline({ chat, beginning }: TimelineProps) {
  const { t } = useTranslation(['chats', 'common'])
  const window = useApp((state) => state.windows[chat.id])
  const pages = usePages(chat)
  useEffect(() => pages.enter(), [pages.enter])

  return (
    <div className={styles.holder}>
      {!window ? (
        <Empty>{t('common:loading')}</Empty>
      ) : window.messages.length === 0 ? (
        <Empty>{beginning ?? t('newChat')}</Empty>
      ) : (
        <Messages chat={chat} window={window} pages={pages} beginning={window.hasOlder ? undefined : beginning} />
      )}
    </div>
  )
}

const HIGHLIGHT_MS = 2_500

interface MessagesProps {
  chat: ChatSummary
  window: ChatWindow
  pages: ReturnType<typeof usePages>
  beginning: string | undefined
}

function Messages({ chat, window, pages, beginning }: MessagesProps) {
  const { t } = useTranslation('chats')
  const dispatch = useDispatch()
  const jumpTo = useApp((state) => state.jumpTo)
  const [marked, setMarked] = useState<string | null>(null)
  // The divider stays where it was when the chat was opened.
  const [unreadFrom] = useState(chat.firstUnread)
  const { messages } = window
  const rows = useMemo(() => timelineRows(messages, unreadFrom), [messages, unreadFrom])
  const ids = useMemo(() => messages.map(({ id }) => id), [messages])
  const newestOwn = messages.findLast(({ mine }) => mine)?.id
  const roving = useRoving<HTMLOListElement>(ids, ids.at(-1) ?? null)
  const scroller = useRef<HTMLDivElement>(null)
  const markRead = useReadMarks(chat, scroller)
  const markSeen = useSeen(chat.id, messages, scroller)
  const onMoved = useCallback(() => {
    markRead()
    markSeen()
  }, [markRead, markSeen])
  const newer = window.hasNewer
  const scroll = useScroll({ scroller, rows, hasNewer: newer, onTop: pages.older, onBottom: pages.newer, onMoved })
  const arrived = useArrivals(messages, scroll.atBottom)
  const unseen = newer ? chat.unread : arrived

  const toNewest = useCallback(async () => {
    if (newer) await pages.newest()
    scroll.toBottom()
  }, [newer, pages.newest, scroll.toBottom])

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, on entry
  useLayoutEffect(() => {
    const divider = scroller.current?.querySelector('[data-divider]')
    if (divider && jumpTo === null) scroll.toElement(divider, 'start')
  }, [])

  useLayoutEffect(() => {
    if (jumpTo === null || !ids.includes(jumpTo)) return
    const row = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].find(({ dataset }) => dataset.row === jumpTo)
    if (row) {
      scroll.toElement(row, 'center')
      row.focus({ preventScroll: true })
    }
    setMarked(jumpTo)
    dispatch({ type: 'jump.done' })
  }, [jumpTo, ids, scroll.toElement, dispatch])

  useEffect(() => {
    if (marked === null) return
    const timer = setTimeout(() => setMarked(null), HIGHLIGHT_MS)
    return () => clearTimeout(timer)
  }, [marked])

  useOwnShown(chat, window, scroll.toBottom, toNewest)

  return (
    <>
      <div ref={scroller} className={styles.scroller}>
        <ol ref={roving.container} aria-label={t('messages')} className={styles.list} onKeyDown={roving.onKeyDown}>
          {beginning !== undefined && <li className={styles.beginning}>{beginning}</li>}
          {rows.map((row) => (
            <TimelineRow key={row.key} row={row} active={roving.active} marked={marked} newestOwn={newestOwn} rowProps={roving.rowProps} />
          ))}
        </ol>
      </div>
      {!scroll.atBottom && (
        <Button icon={ArrowDown} className={styles.down} onClick={() => void toNewest()}>
          {unseen > 0 ? t('newMessages', { count: unseen }) : t('toNewest')}
        </Button>
      )}
    </>
  )
}

/** What we send is always shown, also from far above. */
function useOwnShown(chat: ChatSummary, { messages, hasNewer }: ChatWindow, toBottom: () => void, toNewest: () => Promise<void>) {
  const newest = messages.at(-1)
  const highest = useRef(newest?.order ?? 0)
  useEffect(() => {
    if (!newest || hasNewer || newest.order <= highest.current) return
    highest.current = newest.order
    if (newest.mine) toBottom()
  }, [newest, hasNewer, toBottom])

  const { last } = chat
  const sentAt = last?.mine && last.delivery?.state === 'queued' ? last.at : 0
  const shownAt = useRef(sentAt)
  useEffect(() => {
    if (sentAt <= shownAt.current) return
    shownAt.current = sentAt
    if (hasNewer) void toNewest()
  }, [sentAt, hasNewer, toNewest])
}

interface TimelineRowProps {
  row: Row
  active: string | null
  marked: string | null
  newestOwn: string | undefined
  rowProps: (id: string) => { onFocus: () => void }
}

function TimelineRow({ row, active, marked, newestOwn, rowProps }: TimelineRowProps) {
  const { t } = useTranslation('chats')
  const format = useFormat()
  switch (row.kind) {
    case 'day':
      return (
        <li className={styles.day}>
          <span>{format.day(row.at, Date.now())}</span>
        </li>
      )
    case 'unread':
      return (
        <li className={styles.unread} data-divider="">
          <span>{t('unreadFromHere')}</span>
        </li>
      )
    case 'notice': {
      const { id } = row.message
      return (
        <NoticeRow message={row.message} notice={row.notice} honest={row.honest} active={active === id} onFocus={rowProps(id).onFocus} />
      )
    }
    case 'message': {
      const { id } = row.message
      return (
        <MessageRow
          message={row.message}
          joined={row.joined}
          active={active === id}
          marked={marked === id}
          newestOwn={newestOwn === id}
          onFocus={rowProps(id).onFocus}
        />
      )
    }
  }
}
