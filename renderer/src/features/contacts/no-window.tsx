/** Over the chat with a test user of this computer whose window is closed: nobody would answer. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import styles from './contacts.module.css'

export function NoWindow({ handle }: { handle: string }) {
  const { t } = useTranslation('chats')
  const call = useCall()
  const isClosed = useApp((state) => state.users.some((user) => user.handle === handle && !user.hasWindow))
  const [url, setUrl] = useState<string | null>(null)
  if (!isClosed) return null
  const name = handle.charAt(0).toUpperCase() + handle.slice(1)
  const open = async () => {
    const opened = await call('users.open', { handle })
    setUrl(opened?.url ?? null)
  }
  return (
    <p className={styles.noWindow} role="status">
      <span>{url ? t('openAddress', { name }) : t('noWindow', { name })}</span>
      {url ? (
        <a href={url} target="_blank" rel="noreferrer">
          <bdi dir="ltr">{new URL(url).host}</bdi>
        </a>
      ) : (
        <Button onClick={() => void open()}>{t('openWindow')}</Button>
      )}
    </p>
  )
}
