/** What happened in a secret chat, between the messages: a whole sentence, with what to do where something is missing. */
import { useTranslation } from 'react-i18next'
import type { Message } from '../../../../shared/contract/chat.ts'
import type { Notice } from '../../../../shared/contract/secret.ts'
import { useFormat } from '../../i18n/format.ts'
import { classNames } from '../../ui/class-names.ts'
import styles from './notice.module.css'
import { useNoticeText } from './notice-text.ts'

interface NoticeRowProps {
  message: Message
  notice: Notice
  /** The first that set a timer: says what a timer cannot do. */
  honest: boolean
  active: boolean
  onFocus: () => void
}

const alarming: readonly Notice['code'][] = [
  'unreadable',
  'missing',
  'update-needed',
  'keys-changed',
  'compare-failed',
  'device-gone',
  'back-in-time',
]

export function NoticeRow({ message, notice, honest, active, onFocus }: NoticeRowProps) {
  const { t } = useTranslation('secret')
  const format = useFormat()
  const noticeText = useNoticeText()
  return (
    <li
      className={classNames(styles.notice, alarming.includes(notice.code) && styles.alarming)}
      data-row={message.id}
      data-order={message.order}
      data-notice={notice.code}
      tabIndex={active ? 0 : -1}
      onFocus={onFocus}
    >
      <p>
        {noticeText(message, notice)}{' '}
        <time dateTime={new Date(message.at).toISOString()} title={format.moment(message.at)}>
          {format.time(message.at)}
        </time>
      </p>
      {honest && <p>{t('honest')}</p>}
    </li>
  )
}
