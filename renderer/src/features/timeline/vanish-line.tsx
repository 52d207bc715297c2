/** Under a message with a timer: from when it counts, and then how long is left. Read with the row, never by itself. */
import { Timer } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Message } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { useNow } from '../../ui/line/use-now.ts'
import styles from './message.module.css'
import { peerName } from './notice-text.ts'

const SECOND = 1000

export function VanishLine({ message }: { message: Message }) {
  const { ttl, at } = message.vanish ?? { ttl: null, at: null }
  if (at !== null) return <Countdown at={at} />
  if (ttl === null) return null
  return <Waiting message={message} ttl={ttl} />
}

function Waiting({ message: { chatId, mine, body }, ttl }: { message: Message; ttl: number }) {
  const { t } = useTranslation('secret')
  const format = useFormat()
  const span = format.timer(ttl)
  if (!mine && body.kind !== 'file') return null
  return (
    <p className={styles.vanish}>
      <Icon of={Timer} size={14} />
      <span>{mine ? `${t('vanishesAfter', { span, name: peerName(chatId) })} ${t('notSeen')}` : t('vanishesOpened', { span })}</span>
    </p>
  )
}

function Countdown({ at }: { at: number }) {
  const { t } = useTranslation('secret')
  const format = useFormat()
  const now = useNow(SECOND, true)
  return (
    <p className={styles.vanish}>
      <Icon of={Timer} size={14} />
      <span>{t('vanishesIn', { span: format.span(Math.max(0, at - now)) })}</span>
    </p>
  )
}
