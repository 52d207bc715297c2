/** In the head of both threads: what the relay can read; in a secret one also the way to compare again and to end it. */
import { Ellipsis, Fingerprint, ScanEye, Unlink } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useCall } from '../../state/backend.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { displayName } from '../../ui/display-name.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import styles from './chat-tools.module.css'
import { CompareDialog } from './compare-dialog.tsx'
import { RelayReadDialog } from './relay-read.tsx'

type Sheet = 'relay' | 'compare' | 'end'

export function ChatTools({ chat }: { chat: ChatSummary }) {
  const { t } = useTranslation('secret')
  const [sheet, setSheet] = useState<Sheet | null>(null)
  const { secret } = chat
  const close = () => setSheet(null)
  const items: MenuItem[] = []
  if (secret?.state === 'secured' || secret?.state === 'changed') {
    items.push({ id: 'compare', label: t('compare'), icon: Fingerprint, act: () => setSheet('compare') })
  }
  if (secret && secret.state !== 'asked' && secret.state !== 'ended') {
    items.push({ id: 'end', label: t('end'), icon: Unlink, danger: true, act: () => setSheet('end') })
  }
  return (
    <>
      <IconButton label={t('relayRead')} icon={ScanEye} onClick={() => setSheet('relay')} />
      {items.length > 0 && (
        <Menu label={t('chatActions')} className={styles.more} items={items}>
          <Icon of={Ellipsis} />
        </Menu>
      )}
      {sheet === 'relay' && <RelayReadDialog handle={chat.peer.handle} onClose={close} />}
      {sheet === 'compare' && secret && <CompareDialog chat={chat} secret={secret} onClose={close} />}
      {sheet === 'end' && <EndDialog chat={chat} onClose={close} />}
    </>
  )
}

function EndDialog({ chat, onClose }: { chat: ChatSummary; onClose: () => void }) {
  const { t } = useTranslation(['secret', 'common'])
  const call = useCall()
  const end = () => {
    onClose()
    void call('secret.end', { chatId: chat.id })
  }
  return (
    <Dialog
      title={t('endTitle', { name: displayName(chat.peer.handle) })}
      onClose={onClose}
      actions={
        <>
          <Button data-autofocus="" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button look="danger" onClick={end}>
            {t('endNow')}
          </Button>
        </>
      }
    >
      <p>{t('endText')}</p>
    </Dialog>
  )
}
