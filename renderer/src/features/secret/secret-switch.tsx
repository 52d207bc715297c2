/** Beside the name: which of the two threads with this person is open, and the way to the other. The first time it asks. */
import { Cloud } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatId, ChatSummary } from '../../../../shared/contract/chat.ts'
import { useApp, useDispatch } from '../../state/backend.ts'
import { displayName } from '../../ui/display-name.ts'
import { Icon } from '../../ui/icon.tsx'
import { SealedEnvelope } from '../../ui/sealed-envelope.ts'
import styles from './secret-switch.module.css'
import { StartDialog } from './start-dialog.tsx'

export function SecretSwitch({ chat }: { chat: ChatSummary }) {
  const { t } = useTranslation('secret')
  const dispatch = useDispatch()
  const [asking, setAsking] = useState(false)
  const { handle } = chat.peer
  const secretId: ChatId = `secret:${handle}`
  const hasSecret = useApp((state) => state.chats?.[secretId] !== undefined)
  const open = (chatId: ChatId) => dispatch({ type: 'chat.opened', chatId })
  return (
    <fieldset className={styles.switch} aria-label={t('switch', { name: displayName(handle) })} data-tour="switch">
      <button
        type="button"
        className={styles.side}
        aria-current={chat.kind === 'cloud' ? 'true' : undefined}
        onClick={() => open(`cloud:${handle}`)}
      >
        <Icon of={Cloud} size={16} />
        {t('cloud')}
      </button>
      <button
        type="button"
        className={styles.side}
        data-secret=""
        aria-current={chat.kind === 'secret' ? 'true' : undefined}
        aria-haspopup={hasSecret ? undefined : 'dialog'}
        onClick={() => (hasSecret ? open(secretId) : setAsking(true))}
      >
        <Icon of={SealedEnvelope} size={16} />
        {t('secret')}
      </button>
      {asking && <StartDialog handle={handle} onClose={() => setAsking(false)} />}
    </fieldset>
  )
}
