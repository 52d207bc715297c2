/** Messages that came while the chat was open: how many are below the edge, and each read out once while the window has the focus. */
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Message } from '../../../../shared/contract/chat.ts'
import { useAnnouncer } from '../../ui/announcer.tsx'
import { useNoticeText } from './notice-text.ts'

/** The number of others' messages that came since the bottom was last in sight. */
export function useArrivals(messages: readonly Message[], atBottom: boolean): number {
  const { t } = useTranslation(['chats', 'secret'])
  const { log } = useAnnouncer()
  const noticeText = useNoticeText()
  const newestOrder = messages.at(-1)?.order ?? 0
  const seen = useRef(newestOrder)
  const heard = useRef(newestOrder)
  if (atBottom) seen.current = newestOrder

  useEffect(() => {
    const words = ({ mine, body, from, chatId, vanish }: Message): string | null => {
      if (body.kind === 'notice') return noticeText({ chatId, mine }, body.notice)
      if (mine) return null
      // What is to vanish is read where it stands: words said here would stay behind.
      if (body.kind === 'file' && body.once) return t('secret:arrivedOnce', { name: from })
      if (vanish?.ttl != null) return t('secret:arrivedVanishing', { name: from })
      return body.kind === 'text' ? t('arrivedText', { from, text: body.text }) : t('arrivedFile', { from, name: body.name })
    }
    for (const message of messages) {
      if (message.order <= heard.current || !document.hasFocus()) continue
      const said = words(message)
      if (said !== null) log(said)
    }
    heard.current = Math.max(heard.current, newestOrder)
  }, [messages, newestOrder, log, t, noticeText])

  return messages.filter(({ order, mine, body }) => !mine && body.kind !== 'notice' && order > seen.current).length
}
