/** Over the open chat: with whom, whether they write, what the relay can read here. */
import { ArrowLeft, Search } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useApp, useDispatch } from '../../state/backend.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/button.tsx'
import styles from './chat-head.module.css'

export function ChatHead({ chat }: { chat: ChatSummary }) {
  const { t } = useTranslation(['chats', 'common'])
  const dispatch = useDispatch()
  const typing = useApp((state) => state.typing[chat.id] ?? false)
  return (
    <div className={styles.head}>
      <IconButton
        className={styles.back}
        label={t('common:back')}
        icon={ArrowLeft}
        onClick={() => dispatch({ type: 'chat.opened', chatId: null })}
      />
      <Avatar handle={chat.peer.handle} small />
      <div className={styles.who}>
        <h2 className={styles.name}>
          <bdi>{chat.peer.handle}</bdi>
        </h2>
        <p className={styles.about} role="status">
          {typing ? <span className={styles.typing}>{t('typing')}</span> : t('cloudChat')}
        </p>
      </div>
      <IconButton label={t('findHere')} icon={Search} onClick={() => dispatch({ type: 'sheet.opened', sheet: 'find' })} />
    </div>
  )
}
