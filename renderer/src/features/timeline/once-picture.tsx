/** A picture to be seen once: opened by a button, gone when it is closed. Nothing of it is shown, saved or named before or after. */
import { Eye, Image } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Body, Message } from '../../../../shared/contract/chat.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { displayName } from '../../ui/display-name.ts'
import { Icon } from '../../ui/icon.tsx'
import styles from './message-file.module.css'
import { WholePicture } from './whole-picture.tsx'

type FileBody = Extract<Body, { kind: 'file' }>

export function OncePicture({ message, body, tabIndex }: { message: Message; body: FileBody; tabIndex: 0 | -1 }) {
  const { t } = useTranslation('secret')
  const call = useCall()
  const [opened, setOpened] = useState(false)
  const { id, chatId, mine, from } = message
  const { state } = body.transfer
  const open = async () => {
    // Its bytes can be read only once the engine has noted that it was opened.
    if (await call('secret.seen', { chatId, ids: [id] })) setOpened(true)
  }
  const close = () => {
    setOpened(false)
    void call('secret.viewed', { chatId, id })
  }
  const words = () => {
    if (state === 'missing') return t('onceMissing')
    if (state === 'gone') return t(mine ? 'onceGone.mine' : 'onceGone.theirs', { name: displayName(chatId.slice('secret:'.length)) })
    return t(mine ? 'once.mine' : 'once.theirs', { name: displayName(chatId.slice('secret:'.length)) })
  }
  return (
    <div className={styles.file}>
      <Icon of={Image} size={24} />
      <div className={styles.about}>{words()}</div>
      {!mine && state === 'ready' && (
        <Button icon={Eye} tabIndex={tabIndex} onClick={() => void open()}>
          {t('onceOpen')}
        </Button>
      )}
      {!mine && (state === 'remote' || state === 'failed' || state === 'missing') && (
        <Button icon={Eye} tabIndex={tabIndex} onClick={() => void call('file.fetch', { messageId: id })}>
          {t('onceGet')}
        </Button>
      )}
      {opened && <Opened id={id} from={from} onClose={close} />}
    </div>
  )
}

function Opened({ id, from, onClose }: { id: string; from: string; onClose: () => void }) {
  const { t } = useTranslation('secret')
  return (
    <Dialog wide title={t('onceTitle')} onClose={onClose}>
      <WholePicture id={id} label={t('onceAlt', { name: displayName(from) })} />
      <p>{t('onceNote')}</p>
    </Dialog>
  )
}
