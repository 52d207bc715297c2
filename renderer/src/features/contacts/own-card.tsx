/** The person's own card: what others need to add them. */
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import styles from './contacts.module.css'

export function OwnCardDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('chats')
  const card = useApp((state) => state.self?.card)
  const [copied, setCopied] = useState(false)
  if (!card) return null
  const copy = async () => {
    await navigator.clipboard.writeText(card)
    setCopied(true)
  }
  return (
    <Dialog
      title={t('ownCardTitle')}
      onClose={onClose}
      actions={
        <Button look="primary" icon={copied ? Check : Copy} onClick={() => void copy()}>
          {copied ? t('copied') : t('copyCard')}
        </Button>
      }
    >
      <p>{t('ownCardText')}</p>
      <p className={styles.card}>
        <bdi dir="ltr">{card}</bdi>
      </p>
      <div className="hidden-text" role="status">
        {copied && t('copied')}
      </div>
    </Dialog>
  )
}
