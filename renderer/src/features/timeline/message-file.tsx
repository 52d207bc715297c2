/** A file in the timeline: a picture where its content is one, else a plain row; where its bytes are, and what can be done. */
import { Download, Eye, File as FileIcon, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Body, Message } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { BitmapView } from '../../ui/picture/bitmap-view.tsx'
import type { Box } from '../../ui/picture/use-bitmap.ts'
import { safeFileName } from './file-name.ts'
import styles from './message-file.module.css'
import { OncePicture } from './once-picture.tsx'
import { isPictureType, usePicture, useSaveFile } from './use-file.ts'
import { WholePicture } from './whole-picture.tsx'

type FileBody = Extract<Body, { kind: 'file' }>

export function MessageFile({ message, body, tabIndex }: { message: Message; body: FileBody; tabIndex: 0 | -1 }) {
  const isPicture = isPictureType(body.type)
  const isHere = body.transfer.state === 'ready' || body.transfer.state === 'uploading' || body.transfer.state === 'waiting'
  if (body.once) return <OncePicture message={message} body={body} tabIndex={tabIndex} />
  if (isCovered(message)) return <Covered message={message} body={body} tabIndex={tabIndex} />
  return (
    <>
      {isPicture && isHere && <Picture message={message} body={body} tabIndex={tabIndex} />}
      {!(isPicture && body.transfer.state === 'ready') && <FileRow message={message} body={body} tabIndex={tabIndex} />}
    </>
  )
}

export function isCovered({ mine, body, vanish }: Message): boolean {
  return !mine && body.kind === 'file' && body.transfer.state === 'ready' && vanish?.ttl != null && vanish.at === null
}

/** A file with a timer is shown, or can be saved, once it was opened: that is when its time begins. */
function Covered({ message, body, tabIndex }: { message: Message; body: FileBody; tabIndex: 0 | -1 }) {
  const { t } = useTranslation('secret')
  const format = useFormat()
  const call = useCall()
  return (
    <div className={styles.file}>
      <Icon of={FileIcon} size={24} />
      <div className={styles.about}>
        <bdi className={styles.name}>{safeFileName(body.name)}</bdi>
        <span className={styles.size}>{format.bytes(body.size)}</span>
      </div>
      <Button
        icon={Eye}
        tabIndex={tabIndex}
        aria-label={t('openTimedNamed', { name: safeFileName(body.name) })}
        onClick={() => void call('secret.seen', { chatId: message.chatId, ids: [message.id] })}
      >
        {t('openTimed')}
      </Button>
    </div>
  )
}

/** Within the bubble, in CSS pixels. */
const PREVIEW: Box = { width: 360, height: 320 }

function Picture({ message, body, tabIndex }: { message: Message; body: FileBody; tabIndex: 0 | -1 }) {
  const { t } = useTranslation('chats')
  const picture = usePicture(message.id, PREVIEW)
  const [large, setLarge] = useState(false)
  const name = safeFileName(body.name)
  if (picture && 'refused' in picture) {
    return (
      <>
        {body.transfer.state === 'ready' && <FileRow message={message} body={body} tabIndex={tabIndex} />}
        <p className={styles.size}>{t(`pictureRefused.${picture.refused}`)}</p>
      </>
    )
  }
  return (
    <>
      <button
        type="button"
        tabIndex={tabIndex}
        className={styles.picture}
        aria-label={t('openPicture', { name })}
        onClick={() => setLarge(true)}
      >
        {picture && <BitmapView bitmap={picture.bitmap} label="" />}
      </button>
      {large && <LargePicture message={message} name={name} onClose={() => setLarge(false)} />}
    </>
  )
}

function LargePicture({ message, name, onClose }: { message: Message; name: string; onClose: () => void }) {
  const { t } = useTranslation('chats')
  const save = useSaveFile()
  return (
    <Dialog
      wide
      title={name}
      onClose={onClose}
      actions={
        <Button icon={Download} onClick={() => void save(message.id, name)}>
          {t('save')}
        </Button>
      }
    >
      <WholePicture id={message.id} label={t('pictureAlt', { name, from: message.from })} />
    </Dialog>
  )
}

function FileRow({ message, body, tabIndex }: { message: Message; body: FileBody; tabIndex: 0 | -1 }) {
  const { t } = useTranslation('chats')
  const format = useFormat()
  const name = safeFileName(body.name)
  return (
    <div className={styles.file}>
      <Icon of={FileIcon} size={24} />
      <div className={styles.about}>
        <bdi className={styles.name}>{name}</bdi>
        <span className={styles.size}>{format.bytes(body.size)}</span>
        <Progress body={body} />
      </div>
      <Action message={message} body={body} tabIndex={tabIndex} label={t('saveNamed', { name })} />
    </div>
  )
}

function Progress({ body: { transfer } }: { body: FileBody }) {
  const { t } = useTranslation('chats')
  switch (transfer.state) {
    case 'uploading':
    case 'downloading':
      return (
        <progress
          className={styles.progress}
          max={Math.max(1, transfer.total)}
          value={transfer.done}
          aria-label={t(`transfer.${transfer.state}`)}
        />
      )
    case 'waiting':
    case 'failed':
    case 'missing':
      return <span className={styles.size}>{t(`transfer.${transfer.state}`)}</span>
    case 'ready':
    case 'remote':
    case 'gone':
      return null
  }
}

function Action({ message, body, tabIndex, label }: { message: Message; body: FileBody; tabIndex: 0 | -1; label: string }) {
  const { t } = useTranslation('chats')
  const call = useCall()
  const save = useSaveFile()
  switch (body.transfer.state) {
    case 'ready':
      return (
        <Button icon={Download} tabIndex={tabIndex} aria-label={label} onClick={() => void save(message.id, body.name)}>
          {t('save')}
        </Button>
      )
    case 'remote':
    case 'failed':
    case 'missing':
      // A failed upload is dealt with by the message's own Try again.
      return message.mine ? null : (
        <Button
          icon={body.transfer.state === 'remote' ? Download : RotateCw}
          tabIndex={tabIndex}
          onClick={() => void call('file.fetch', { messageId: message.id })}
        >
          {body.transfer.state === 'remote' ? t('getFile') : t('tryAgain')}
        </Button>
      )
    case 'uploading':
    case 'downloading':
    case 'waiting':
    case 'gone':
      return null
  }
}
