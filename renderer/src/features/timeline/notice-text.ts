/** The sentence of a notice: who did what is told apart by whose row it is. */
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatId, Message } from '../../../../shared/contract/chat.ts'
import type { Notice } from '../../../../shared/contract/secret.ts'
import { useFormat } from '../../i18n/format.ts'
import { displayName } from '../../ui/display-name.ts'

export const peerName = (chatId: ChatId) => displayName(chatId.slice(chatId.indexOf(':') + 1))

export function useNoticeText(): (message: Pick<Message, 'chatId' | 'mine'>, notice: Notice) => string {
  const { t } = useTranslation('secret')
  const format = useFormat()
  return useCallback(
    ({ chatId, mine }, notice) => {
      const name = peerName(chatId)
      const by = mine ? 'mine' : 'theirs'
      switch (notice.code) {
        case 'started':
        case 'asked':
        case 'accepted':
        case 'declined':
        case 'ended':
        case 'reset':
          return t(`notice.${notice.code}.${by}`, { name })
        case 'missing':
        case 'lost':
          return t(`notice.${notice.code}`, { count: notice.count, name })
        case 'removed':
          return t(`notice.removed.${by}`, { count: notice.count, name })
        case 'timer':
          return notice.ttl === null
            ? t(`notice.timerOff.${by}`, { name })
            : t(`notice.timer.${by}`, { name, span: format.timer(notice.ttl) })
        default:
          return t(`notice.${notice.code}`, { name })
      }
    },
    [t, format],
  )
}
