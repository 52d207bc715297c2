/** Search in one chat or in all of them: a box, a list under it, Enter goes to the place. */
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatId, ChatSummary, Message } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall, useDispatch, useGetState } from '../../state/backend.ts'
import { PAGE_ROWS } from '../../state/session.ts'
import { useCaptureGuard } from '../../state/use-capture-guard.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SealedEnvelope } from '../../ui/sealed-envelope.ts'
import { excerpt } from './excerpt.ts'
import styles from './search-dialog.module.css'

const QUIET_MS = 200

type Hit = { kind: 'chat'; id: string; chat: ChatSummary } | { kind: 'message'; id: string; message: Message }

export function SearchDialog({ chatId, onClose }: { chatId: ChatId | null; onClose: () => void }) {
  const { t } = useTranslation('chats')
  const listId = useId()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const hits = useHits(query.trim(), chatId)
  const go = useGo(onClose)
  useCaptureGuard(hits?.some((hit) => hit.kind === 'message' && hit.message.chatId.startsWith('secret:')) ?? false)
  const peer = chatId?.split(':')[1]
  const active = hits?.[Math.min(at, hits.length - 1)]

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
    if (move) setAt((now) => Math.min(Math.max(now + move, 0), Math.max(0, (hits?.length ?? 1) - 1)))
    else if (event.key === 'Enter' && active) void go(active)
    else return
    event.preventDefault()
  }
  return (
    <Dialog wide title={peer ? t('findIn', { name: peer }) : t('searchTitle')} onClose={onClose}>
      <input
        // Not type="search", whose first Escape only empties it.
        type="text"
        enterKeyHint="search"
        data-autofocus=""
        role="combobox"
        aria-expanded={Boolean(hits?.length)}
        aria-controls={listId}
        aria-activedescendant={active && `${listId}-${active.id}`}
        aria-label={t('searchLabel')}
        placeholder={t('searchLabel')}
        className={styles.box}
        dir="auto"
        maxLength={200}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <p role="status" className={styles.count}>
        {hits && t('found', { count: hits.length })}
      </p>
      <div id={listId} role="listbox" aria-label={t('results')} className={styles.results} tabIndex={-1}>
        {hits?.map((hit) => (
          <HitRow
            key={hit.id}
            hit={hit}
            id={`${listId}-${hit.id}`}
            query={query.trim()}
            isActive={hit === active}
            onChoose={() => void go(hit)}
          />
        ))}
      </div>
    </Dialog>
  )
}

/** `null` until there is something to look for and an answer. */
function useHits(query: string, chatId: ChatId | null): readonly Hit[] | null {
  const call = useCall()
  const chats = useApp((state) => state.chats)
  const [messages, setMessages] = useState<readonly Message[] | null>(null)

  useEffect(() => {
    if (query === '') return setMessages(null)
    let left = false
    const timer = setTimeout(async () => {
      const found = await call('message.search', { query, ...(chatId && { chatId }) })
      if (!left) setMessages(found)
    }, QUIET_MS)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [call, query, chatId])

  return useMemo(() => {
    if (messages === null) return null
    const named = chatId ? [] : Object.values(chats ?? {}).filter(({ peer }) => peer.handle.includes(query.toLowerCase()))
    return [
      ...named.map((chat): Hit => ({ kind: 'chat', id: chat.id, chat })),
      ...messages.map((message): Hit => ({ kind: 'message', id: message.id, message })),
    ]
  }, [messages, chats, chatId, query])
}

/** Opens the chat, with the message in its window whether or not it was loaded. */
function useGo(onClose: () => void): (hit: Hit) => Promise<void> {
  const call = useCall()
  const dispatch = useDispatch()
  const getState = useGetState()
  return async (hit) => {
    onClose()
    if (hit.kind === 'chat') return dispatch({ type: 'chat.opened', chatId: hit.chat.id })
    const { id, chatId, order } = hit.message
    if (!getState().windows[chatId]?.messages.some((message) => message.id === id)) {
      const page = await call('message.list', { chatId, before: order + 1, limit: PAGE_ROWS })
      if (!page) return
      dispatch({ type: 'window.loaded', chatId, ...page, hasNewer: true })
    }
    dispatch({ type: 'chat.opened', chatId, jumpTo: id })
  }
}

interface HitRowProps {
  hit: Hit
  id: string
  query: string
  isActive: boolean
  onChoose: () => void
}

function HitRow({ hit, id, query, isActive, onChoose }: HitRowProps) {
  const { t } = useTranslation('chats')
  const format = useFormat()
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the box keeps the focus and has the keys; this is for the pointer
    <div id={id} role="option" tabIndex={-1} aria-selected={isActive} className={styles.hit} onClick={onChoose}>
      {hit.kind === 'chat' ? (
        <span className={styles.who}>
          <bdi>{hit.chat.peer.handle}</bdi>
          {hit.chat.kind === 'secret' && <SecretWord />}
        </span>
      ) : (
        <>
          <span className={styles.who}>
            <bdi>{hit.message.mine ? t('you') : hit.message.from}</bdi>
            {hit.message.chatId.startsWith('secret:') && <SecretWord />}
            <time className={styles.time}>{format.moment(hit.message.at)}</time>
          </span>
          <Excerpt text={wordsOf(hit.message)} query={query} />
        </>
      )}
    </div>
  )
}

function SecretWord() {
  const { t } = useTranslation('secret')
  return (
    <span className={styles.secret}>
      <Icon of={SealedEnvelope} size={14} /> {t('secret')}
    </span>
  )
}

function wordsOf({ body }: Message): string {
  switch (body.kind) {
    case 'text':
      return body.text
    case 'file':
      return body.name
    case 'notice':
      return ''
  }
}

function Excerpt({ text, query }: { text: string; query: string }) {
  const { before, found, after } = excerpt(text, query)
  return (
    <span className={styles.words} dir="auto">
      {before}
      <mark>{found}</mark>
      {after}
    </span>
  )
}
