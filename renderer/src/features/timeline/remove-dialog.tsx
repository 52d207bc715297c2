/** Asks before a message goes from both sides. */
import { useTranslation } from 'react-i18next'
import type { Message } from '../../../../shared/contract/chat.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { peerName } from './notice-text.ts'

export function RemoveDialog({ message: { id, chatId }, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation(['secret', 'common'])
  const call = useCall()
  const remove = () => {
    onClose()
    void call('secret.remove', { chatId, ids: [id] })
  }
  return (
    <Dialog
      title={t('removeTitle')}
      onClose={onClose}
      actions={
        <>
          <Button data-autofocus="" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button look="danger" onClick={remove}>
            {t('remove')}
          </Button>
        </>
      }
    >
      <p>{t('removeText', { name: peerName(chatId) })}</p>
      <p>{t('honest')}</p>
    </Dialog>
  )
}
