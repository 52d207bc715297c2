/** What went wrong, said where nothing is covered by it: the engine gone, or the last thing asked for refused. */
import { X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { MAX_FILE_BYTES } from '../../../shared/contract/chat.ts'
import { RequestNotices } from '../features/secret/request-notices.tsx'
import { useFormat } from '../i18n/format.ts'
import { useApp, useDispatch } from '../state/backend.ts'
import { IconButton } from '../ui/button.tsx'
import styles from './notices.module.css'

export function Notices() {
  const { t } = useTranslation()
  const format = useFormat()
  const dispatch = useDispatch()
  const engine = useApp((state) => state.engine)
  const failure = useApp((state) => state.failure)
  return (
    <div className={styles.notices}>
      <div role="alert">
        {engine === 'restarting' && <p>{t('engineRestarting')}</p>}
        {engine === 'stopped' && <p>{t('engineStopped')}</p>}
        {failure && (
          <p>
            <span>{t(`error.${failure}`, { limit: format.bytes(MAX_FILE_BYTES) })}</span>
            <IconButton label={t('dismiss')} icon={X} onClick={() => dispatch({ type: 'failure.shown', code: null })} />
          </p>
        )}
      </div>
      <RequestNotices />
    </div>
  )
}
