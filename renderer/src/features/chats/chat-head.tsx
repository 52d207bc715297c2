/** Over the open chat: with whom, whether they write, what the relay can read here, and what can be done in it. */
import { ArrowLeft, Search } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useApp, useDispatch } from '../../state/backend.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/button.tsx'
import styles from './chat-head.module.css'

interface ChatHeadProps {
  chat: ChatSummary
  /** Beside the name. */
  beside?: ReactNode
  /** Before the search. */
  tools?: ReactNode
}

export function ChatHead({ chat, beside, tools }: ChatHeadProps) {
  const { t } = useTranslation(['chats', 'common', 'secret'])
  const dispatch = useDispatch()
  const typing = useApp((state) => state.typing[chat.id] ?? false)
  const { secret } = chat
  // Before anybody has accepted, more devices than two may ring.
  const isAccepted = secret?.state !== 'waiting' && secret?.state !== 'asked'
  const about = !secret ? t('cloudChat') : isAccepted ? t('secret:about') : t('secret:aboutAsked')
  return (
    <div className={styles.head}>
      <IconButton
        className={styles.back}
        label={t('common:back')}
        icon={ArrowLeft}
        onClick={() => dispatch({ type: 'chat.opened', chatId: null })}
      />
      <Avatar handle={chat.peer.handle} small secret={chat.kind === 'secret'} />
      <div className={styles.who}>
        <h2 className={styles.name}>
          <bdi>{chat.peer.handle}</bdi>
        </h2>
        <p className={styles.about} role="status">
          {typing ? <span className={styles.typing}>{t('typing')}</span> : about}
        </p>
      </div>
      {beside}
      <div className={styles.tools}>
        {tools}
        <IconButton label={t('findHere')} icon={Search} onClick={() => dispatch({ type: 'sheet.opened', sheet: 'find' })} />
      </div>
    </div>
  )
}
