/** One chat in the list: who, the last words, when, and what waits. A secret one shows it by word, shape, hatch and ground. */
import { Paperclip } from 'lucide-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useDispatch } from '../../state/backend.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Hatch } from '../../ui/hatch.tsx'
import { Icon } from '../../ui/icon.tsx'
import { SealedEnvelope } from '../../ui/sealed-envelope.ts'
import { Ticks } from '../../ui/ticks.tsx'
import type { Roving } from '../../ui/use-roving.ts'
import styles from './chat-list.module.css'

interface ChatRowProps {
  chat: ChatSummary
  isOpen: boolean
  rowProps: ReturnType<Roving<HTMLUListElement>['rowProps']>
}

export const ChatRow = memo(
  function ChatRow({ chat, isOpen, rowProps }: ChatRowProps) {
    const { t } = useTranslation(['chats', 'secret'])
    const format = useFormat()
    const dispatch = useDispatch()
    const { last, unread } = chat
    const isSecret = chat.kind === 'secret'
    return (
      <button
        type="button"
        {...rowProps}
        className={classNames(styles.row, isSecret && styles.secret)}
        data-chat={chat.id}
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => dispatch({ type: 'chat.opened', chatId: chat.id })}
      >
        <Avatar handle={chat.peer.handle} secret={isSecret} />
        {isSecret && <Hatch className={styles.hatch} />}
        <span className={styles.top}>
          <bdi className={styles.peer}>{chat.peer.handle}</bdi>
          {isSecret && (
            <span className={styles.word}>
              <Icon of={SealedEnvelope} size={14} />
              {t('secret:secret')}
            </span>
          )}
          {last && (
            <time className={styles.time} dateTime={new Date(last.at).toISOString()}>
              {format.brief(last.at, Date.now())}
            </time>
          )}
        </span>
        <span className={styles.bottom}>
          <Preview chat={chat} isOpen={isOpen} />
          {last?.delivery?.state === 'failed' && <span className={styles.failed}>{t('delivery.failed')}</span>}
          {unread > 0 && (
            <span className={styles.unread}>
              <span aria-hidden="true">{format.number(unread)}</span>
              <span className="hidden-text">{t('unreadMessages', { count: unread })}</span>
            </span>
          )}
        </span>
      </button>
    )
  },
  (before, after) => before.chat === after.chat && before.isOpen === after.isOpen && before.rowProps.tabIndex === after.rowProps.tabIndex,
)

function Preview({ chat, isOpen }: { chat: ChatSummary; isOpen: boolean }) {
  const { t } = useTranslation(['chats', 'secret'])
  const typing = useApp((state) => state.typing[chat.id] ?? false)
  const { last, draft, secret } = chat
  if (secret?.state === 'asked') return <span className={styles.preview}>{t('secret:previewAsked')}</span>
  if (typing) return <span className={styles.typing}>{t('typing')}</span>
  if (draft && !isOpen) {
    return (
      <span className={styles.preview}>
        <strong>{t('draft')}</strong> <bdi>{draft}</bdi>
      </span>
    )
  }
  if (secret?.state === 'changed') return <span className={styles.preview}>{t('secret:previewChanged')}</span>
  if (secret?.state === 'ended') return <span className={styles.preview}>{t('secret:previewEnded')}</span>
  if (!last) return <span className={styles.preview}>{secret?.state === 'waiting' ? t('secret:previewWaiting') : t('nothingYet')}</span>
  // What will vanish is not repeated here; the engine gives no words of it.
  const words = secret && (last.preview === '' || secret.ttl !== null) ? t('secret:preview') : last.preview
  return (
    <span className={styles.preview}>
      {last.delivery && <Ticks delivery={last.delivery} />}
      {last.isFile && <Icon of={Paperclip} size={14} />}
      <bdi>{words}</bdi>
    </span>
  )
}
