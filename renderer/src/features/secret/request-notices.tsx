/** Somebody asks for a secret chat while another chat or view is open: one line, which takes nothing away. */
import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatId } from '../../../../shared/contract/chat.ts'
import { useApp, useDispatch } from '../../state/backend.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { displayName } from '../../ui/display-name.ts'
import styles from './request-notices.module.css'

export function RequestNotices() {
  const { t } = useTranslation(['secret', 'common'])
  const dispatch = useDispatch()
  const chats = useApp((state) => state.chats)
  const open = useApp((state) => (state.view === 'chats' ? state.openChat : null))
  const [put, setPut] = useState<readonly ChatId[]>([])
  const asking = Object.values(chats ?? {}).filter(({ secret }) => secret?.state === 'asked')
  const ids = asking.map(({ id }) => id).join(' ')
  // Asked again later, it is said again.
  useEffect(() => setPut((before) => before.filter((id) => ids.split(' ').includes(id))), [ids])
  return (
    <div role="status">
      {asking
        .filter(({ id }) => id !== open && !put.includes(id))
        .map(({ id, peer }) => (
          <p key={id} className={styles.asked}>
            <span>{t('asked', { name: displayName(peer.handle) })}</span>
            <span className={styles.actions}>
              <Button onClick={() => dispatch({ type: 'chat.opened', chatId: id })}>{t('show')}</Button>
              <IconButton label={t('common:dismiss')} icon={X} onClick={() => setPut((before) => [...before, id])} />
            </span>
          </p>
        ))}
    </div>
  )
}
