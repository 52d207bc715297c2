/** Everybody one writes with: newest first, as the engine orders them. */
import { Search, UserPlus } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp, useDispatch } from '../../state/backend.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { useRoving } from '../../ui/use-roving.ts'
import styles from './chat-list.module.css'
import { ChatRow } from './chat-row.tsx'
import { newestFirst } from './order.ts'

export function ChatList() {
  const { t } = useTranslation(['chats', 'common'])
  const dispatch = useDispatch()
  const chats = useApp((state) => state.chats)
  const open = useApp((state) => state.openChat)
  const sorted = useMemo(() => newestFirst(Object.values(chats ?? {})), [chats])
  const roving = useRoving<HTMLUListElement>(
    useMemo(() => sorted.map(({ id }) => id), [sorted]),
    open,
  )
  return (
    <section className={styles.pane} aria-label={t('chatList')}>
      <Self />
      {chats === null ? (
        <Empty>{t('common:loading')}</Empty>
      ) : sorted.length === 0 ? (
        <Empty
          action={
            <Button look="primary" icon={UserPlus} onClick={() => dispatch({ type: 'sheet.opened', sheet: 'add' })}>
              {t('addSomeone')}
            </Button>
          }
        >
          {t('noChats')}
        </Empty>
      ) : (
        <ul ref={roving.container} className={styles.list} onKeyDown={roving.onKeyDown}>
          {sorted.map((chat) => (
            <li key={chat.id}>
              <ChatRow chat={chat} isOpen={chat.id === open} rowProps={roving.rowProps(chat.id)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Whose window this is. */
function Self() {
  const { t } = useTranslation(['chats', 'common'])
  const dispatch = useDispatch()
  const handle = useApp((state) => state.self?.handle ?? state.hello?.user)
  return (
    <div className={styles.self}>
      {handle && <Avatar handle={handle} small />}
      <h2 className={styles.name}>
        <bdi>{handle}</bdi>
      </h2>
      <IconButton label={t('common:search')} icon={Search} onClick={() => dispatch({ type: 'sheet.opened', sheet: 'search' })} />
      <IconButton label={t('common:addPerson')} icon={UserPlus} onClick={() => dispatch({ type: 'sheet.opened', sheet: 'add' })} />
    </div>
  )
}
