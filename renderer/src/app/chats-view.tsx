/** Chats: the list beside the open chat; on a narrow window one of the two. */
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../shared/contract/chat.ts'
import type { SecretState } from '../../../shared/contract/secret.ts'
import { ChatHead } from '../features/chats/chat-head.tsx'
import { ChatList } from '../features/chats/chat-list.tsx'
import { Composer } from '../features/composer/composer.tsx'
import { NoWindow } from '../features/contacts/no-window.tsx'
import { PublishTool } from '../features/links/publish-tool.tsx'
import { ChatTools } from '../features/secret/chat-tools.tsx'
import { Request } from '../features/secret/request.tsx'
import { SecretFrame } from '../features/secret/secret-frame.tsx'
import { SecretSwitch } from '../features/secret/secret-switch.tsx'
import { StateBar } from '../features/secret/state-bar.tsx'
import { TimerTool } from '../features/secret/timer-tool.tsx'
import { Timeline } from '../features/timeline/timeline.tsx'
import { useApp } from '../state/backend.ts'
import { displayName } from '../ui/display-name.ts'
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
      <div className={styles.pane}>
        {chat ? (
          <>
            {/* Kept when the other thread of the same person opens, and with it the focus on the switch. */}
            <ChatHead key={chat.peer.handle} chat={chat} beside={<SecretSwitch chat={chat} />} tools={<ChatTools chat={chat} />} />
            <NoWindow handle={chat.peer.handle} />
            {chat.secret ? <SecretPane key={chat.id} chat={chat} secret={chat.secret} /> : <CloudPane key={chat.id} chat={chat} />}
          </>
        ) : (
          hasChats && <Empty>{t('chooseChat')}</Empty>
        )}
      </div>
    </div>
  )
}

function CloudPane({ chat }: { chat: ChatSummary }) {
  return (
    <>
      <Timeline chat={chat} />
      <Composer chat={chat} tool={(insert) => <PublishTool onPublished={insert} />} />
    </>
  )
}

function SecretPane({ chat, secret }: { chat: ChatSummary; secret: SecretState }) {
  const { t } = useTranslation('secret')
  const name = displayName(chat.peer.handle)
  if (secret.state === 'asked') {
    return (
      <SecretFrame>
        <Request chat={chat} />
      </SecretFrame>
    )
  }
  return (
    <SecretFrame
      composer={
        <Composer
          chat={chat}
          note={secret.state === 'waiting' ? t('waitingNote', { name }) : undefined}
          closed={secret.state === 'changed' ? t('changedNote', { name }) : secret.state === 'ended' ? t('endedNote') : undefined}
          tool={() => <TimerTool chat={chat} ttl={secret.ttl} />}
        />
      }
    >
      <StateBar chat={chat} secret={secret} />
      <Timeline chat={chat} beginning={t('onlyHere', { name })} />
    </SecretFrame>
  )
}
