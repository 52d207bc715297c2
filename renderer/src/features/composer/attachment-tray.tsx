/** What will be sent with the next message, or is being handed over. */
import { File as FileIcon, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../i18n/format.ts'
import { IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import styles from './composer.module.css'
import type { Attachments } from './use-attachments.ts'

export function AttachmentTray({ attachments: { list, remove } }: { attachments: Attachments }) {
  const { t } = useTranslation(['chats', 'common'])
  const format = useFormat()
  if (list.length === 0) return null
  return (
    <ul className={styles.tray} aria-label={t('attachments')}>
      {list.map(({ id, file, preview, progress }) => (
        <li key={id} className={styles.attachment}>
          {preview ? <img src={preview} alt="" /> : <Icon of={FileIcon} size={24} />}
          <span className={styles.about}>
            <bdi>{file.name}</bdi>
            <span className={styles.size}>{format.bytes(file.size)}</span>
            {progress !== null && <progress max={1} value={progress} aria-label={t('transfer.uploading')} />}
          </span>
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
