/** In the composer: how long what is written from now on stays after it was seen. */
import { Timer, TimerOff } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import { OwnTimerDialog } from './own-timer-dialog.tsx'
import styles from './timer.module.css'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const offered = [5000, 30_000, MINUTE, HOUR, DAY, 7 * DAY]

export function TimerTool({ chat, ttl }: { chat: ChatSummary; ttl: number | null }) {
  const { t } = useTranslation('secret')
  const format = useFormat()
  const call = useCall()
  const [choosing, setChoosing] = useState(false)
  const set = (next: number | null) => {
    if (next !== ttl) void call('secret.timer', { chatId: chat.id, ttl: next })
  }
  const others = ttl === null || offered.includes(ttl) ? offered : [...offered, ttl].toSorted((a, b) => a - b)
  const items: MenuItem[] = [
    { id: 'off', label: t('off'), checked: ttl === null, act: () => set(null) },
    ...others.map((span) => ({ id: String(span), label: format.timer(span), checked: ttl === span, act: () => set(span) })),
    { id: 'own', label: t('timerOther'), act: () => setChoosing(true) },
  ]
  return (
    <>
      <Menu label={ttl === null ? t('timerOff') : t('timerOn', { span: format.timer(ttl) })} className={styles.tool} items={items}>
        <Icon of={ttl === null ? TimerOff : Timer} />
        {ttl !== null && <span className={styles.span}>{format.timer(ttl)}</span>}
      </Menu>
      {choosing && <OwnTimerDialog onSet={set} onClose={() => setChoosing(false)} />}
    </>
  )
}
