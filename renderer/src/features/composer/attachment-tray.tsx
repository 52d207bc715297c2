/** What will be sent with the next message, or is being handed over. */
import { File as FileIcon, X } from 'lucide-react'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../i18n/format.ts'
import { IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { BitmapView } from '../../ui/picture/bitmap-view.tsx'
import { type Box, useBitmap } from '../../ui/picture/use-bitmap.ts'
import styles from './composer.module.css'
import type { Attachments } from './use-attachments.ts'

/** `isSecret`: pictures can be sent to be opened once. */
export function AttachmentTray({ attachments: { list, remove, setOnce }, isSecret }: { attachments: Attachments; isSecret: boolean }) {
  const { t } = useTranslation(['chats', 'common', 'secret'])
  const format = useFormat()
  if (list.length === 0) return null
  return (
    <ul className={styles.tray} aria-label={t('attachments')}>
      {list.map(({ id, file, isPicture, progress, once }) => (
        <li key={id} className={styles.attachment}>
          {isPicture ? <Preview file={file} /> : <Icon of={FileIcon} size={24} />}
          <span className={styles.about}>
            <bdi>{file.name}</bdi>
            <span className={styles.size}>{format.bytes(file.size)}</span>
            {progress !== null && <progress max={1} value={progress} aria-label={t('transfer.uploading')} />}
          </span>
          {isSecret && isPicture && progress === null && (
            <label className={styles.once}>
              <input type="checkbox" checked={once} onChange={(event) => setOnce(id, event.target.checked)} />
              {t('secret:onceSend')}
            </label>
          )}
          <IconButton
            icon={X}
            label={progress === null ? t('removeFile', { name: file.name }) : t('cancelFile', { name: file.name })}
            onClick={() => remove(id)}
          />
        </li>
      ))}
    </ul>
  )
}

/** In CSS pixels. */
const SMALL: Box = { width: 48, height: 48 }

/** Decoded as what others sent is: where it came from is not known here either. */
function Preview({ file }: { file: File }) {
  const read = useCallback(() => file.arrayBuffer(), [file])
  const picture = useBitmap(read, SMALL)
  return picture && 'bitmap' in picture ? <BitmapView bitmap={picture.bitmap} label="" /> : <Icon of={FileIcon} size={24} />
}
