/** Before the first secret message: what a secret chat is, what it cannot do, and what the relay still sees. */
import { useTranslation } from 'react-i18next'
import type { Handle } from '../../../../shared/contract/chat.ts'
import { useDispatch } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { displayName } from '../../ui/display-name.ts'
import { useStart } from './use-start.ts'
import { WeakStore } from './weak-store.tsx'

export function StartDialog({ handle, onClose }: { handle: Handle; onClose: () => void }) {
  const { t } = useTranslation(['secret', 'common'])
  const dispatch = useDispatch()
  const start = useStart(handle)
  const name = displayName(handle)
  const go = async () => {
    const started = await start()
    onClose()
    if (started) dispatch({ type: 'chat.opened', chatId: `secret:${handle}` })
  }
  return (
    <Dialog
      title={t('startTitle', { name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('common:cancel')}</Button>
          <Button look="primary" data-autofocus="" onClick={() => void go()}>
            {t('start')}
          </Button>
        </>
      }
    >
      <p>{t('startText', { name })}</p>
      <p>{t('startRelay')}</p>
      <WeakStore />
    </Dialog>
  )
}
