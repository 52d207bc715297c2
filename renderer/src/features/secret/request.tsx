/** Instead of the thread while the other side asks: who asks, what it means, and nothing else. */
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useCall } from '../../state/backend.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { displayName } from '../../ui/display-name.ts'
import styles from './request.module.css'
import { WeakStore } from './weak-store.tsx'

export function Request({ chat }: { chat: ChatSummary }) {
  const { t } = useTranslation('secret')
  const call = useCall()
  const name = displayName(chat.peer.handle)
  const { id: chatId } = chat
  return (
    <section className={styles.request} aria-label={t('state')}>
      <Avatar handle={chat.peer.handle} secret />
      <div role="status" className={styles.words}>
        <h3>{t('asked', { name })}</h3>
        <p>{t('askedText')}</p>
        <p className={styles.kept}>{t('askedKept', { name })}</p>
        <WeakStore />
      </div>
      <div className={styles.actions}>
        <Button look="primary" onClick={() => void call('secret.accept', { chatId })}>
          {t('acceptHere')}
        </Button>
        <Button onClick={() => void call('secret.decline', { chatId })}>{t('decline')}</Button>
      </div>
    </section>
  )
}
