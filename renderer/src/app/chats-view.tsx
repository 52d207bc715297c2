/** Chats: the list beside the open chat; on a narrow window one of the two. */
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../shared/contract/chat.ts'
import { ChatHead } from '../features/chats/chat-head.tsx'
import { ChatList } from '../features/chats/chat-list.tsx'
import { Composer } from '../features/composer/composer.tsx'
import { NoWindow } from '../features/contacts/no-window.tsx'
import { PublishTool } from '../features/links/publish-tool.tsx'
import { Timeline } from '../features/timeline/timeline.tsx'
import { useApp } from '../state/backend.ts'
import { Empty } from '../ui/empty.tsx'
import styles from './chats-view.module.css'

export function ChatsView() {
  const { t } = useTranslation('chats')
  const chat = useApp((state) => (state.openChat ? state.chats?.[state.openChat] : undefined))
  const hasChats = useApp((state) => Object.keys(state.chats ?? {}).length > 0)
  return (
    <div className={styles.chats} data-open={chat ? 'chat' : 'list'}>
      <h1 className="hidden-text">{t('chatList')}</h1>
      <div className={styles.list}>
        <ChatList />
      </div>
      <div className={styles.pane}>{chat ? <ChatPane key={chat.id} chat={chat} /> : hasChats && <Empty>{t('chooseChat')}</Empty>}</div>
    </div>
  )
}

function ChatPane({ chat }: { chat: ChatSummary }) {
  return (
    <>
      <ChatHead chat={chat} />
      <NoWindow handle={chat.peer.handle} />
      <Timeline chat={chat} />
      <Composer chat={chat} tool={(insert) => <PublishTool onPublished={insert} />} />
    </>
  )
}
