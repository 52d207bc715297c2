/** A picture as large as the window has room for, decoded for that size; or the sentence why it cannot be shown. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MessageId } from '../../../../shared/contract/chat.ts'
import { BitmapView } from '../../ui/picture/bitmap-view.tsx'
import type { Box } from '../../ui/picture/use-bitmap.ts'
import styles from './message-file.module.css'
import { usePicture } from './use-file.ts'

export function WholePicture({ id, label }: { id: MessageId; label: string }) {
  const { t } = useTranslation(['chats', 'common'])
  const [box] = useState<Box>(() => ({ width: window.innerWidth, height: window.innerHeight }))
  const picture = usePicture(id, box)
  if (!picture) return <p role="status">{t('common:loading')}</p>
  if ('refused' in picture) return <p role="status">{t(`pictureRefused.${picture.refused}`)}</p>
  return <BitmapView className={styles.large} bitmap={picture.bitmap} label={label} />
}
