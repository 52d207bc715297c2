/** One message: its bubble, time, ticks, and what can be done with it. */
import { Copy, Download, Ellipsis, Eraser, RotateCw, Trash2 } from 'lucide-react'
import { type KeyboardEvent, memo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Message } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { Icon } from '../../ui/icon.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import { Ticks } from '../../ui/ticks.tsx'
import styles from './message.module.css'
import { isCovered, MessageFile } from './message-file.tsx'
import { MessageText } from './message-text.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { useSaveFile } from './use-file.ts'
import { VanishLine } from './vanish-line.tsx'

interface MessageRowProps {
  message: Message
  /** Belongs to the bubble above. */
  joined: boolean
  active: boolean
  /** Just jumped to. */
  marked: boolean
  /** Our newest: its state is told when it changes. */
  newestOwn: boolean
  onFocus: () => void
}

export const MessageRow = memo(function MessageRow({ message, joined, active, marked, newestOwn, onFocus }: MessageRowProps) {
  const { t } = useTranslation('chats')
  const format = useFormat()
  const [removing, setRemoving] = useState(false)
  const items = useActions(message, () => setRemoving(true))
  // While connected it goes at once: the words would only flicker.
  const online = useApp((state) => state.path?.status === 'connected')
  const { body, mine, delivery } = message
  const tabIndex = active ? 0 : -1
  const onKeyDown = (event: KeyboardEvent<HTMLLIElement>) => {
    if (event.target !== event.currentTarget || (event.key !== 'Enter' && event.key !== 'ContextMenu')) return
    event.preventDefault()
    event.currentTarget.querySelector<HTMLElement>('[aria-haspopup="menu"]')?.click()
  }
  return (
    <li
      className={classNames(styles.row, mine ? styles.mine : styles.theirs, joined && styles.joined, marked && styles.marked)}
      data-row={message.id}
      data-order={message.order}
      tabIndex={tabIndex}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      <div className={styles.bubble}>
        <span className="hidden-text">{mine ? t('you') : message.from}</span>
        {body.kind === 'text' && <MessageText text={body.text} tabIndex={tabIndex} />}
        {body.kind === 'file' && <MessageFile message={message} body={body} tabIndex={tabIndex} />}
        <span className={styles.meta}>
          <time dateTime={new Date(message.at).toISOString()} title={format.moment(message.at)}>
            {format.time(message.at)}
          </time>
          {delivery && <Ticks delivery={delivery} label={!newestOwn} />}
          {delivery && newestOwn && (
            <span className="hidden-text" role="status">
              {t(`delivery.${delivery.state}`)}
            </span>
          )}
        </span>
        {message.vanish && <VanishLine message={message} />}
        {delivery?.state === 'queued' && !online && <p className={styles.queued}>{t('queuedText')}</p>}
      </div>
      <Menu label={t('messageActions')} className={styles.menu} items={items} tabIndex={tabIndex}>
        <Icon of={Ellipsis} />
      </Menu>
      {removing && <RemoveDialog message={message} onClose={() => setRemoving(false)} />}
      {delivery?.state === 'failed' && <Failed message={message} reason={delivery.reason} tabIndex={tabIndex} />}
    </li>
  )
})

function Failed({ message, reason, tabIndex }: { message: Message; reason: FailureReason; tabIndex: 0 | -1 }) {
  const { t } = useTranslation('chats')
  const call = useCall()
  return (
    <div className={styles.failed}>
      <p>{t(`failure.${reason}`)}</p>
      <Button icon={RotateCw} tabIndex={tabIndex} onClick={() => void call('message.retry', { id: message.id })}>
        {t('tryAgain')}
      </Button>
      <Button icon={Trash2} tabIndex={tabIndex} onClick={() => void call('message.discard', { id: message.id })}>
        {t('delete')}
      </Button>
    </div>
  )
}

type FailureReason = Extract<NonNullable<Message['delivery']>, { state: 'failed' }>['reason']

function useActions(message: Message, onRemove: () => void): MenuItem[] {
  const { id, chatId, body, delivery } = message
  const { t } = useTranslation(['chats', 'secret'])
  const call = useCall()
  const save = useSaveFile()
  const items: MenuItem[] = []
  if (body.kind === 'text') {
    items.push({ id: 'copy', label: t('copyText'), icon: Copy, act: () => void navigator.clipboard.writeText(body.text) })
  } else if (body.kind === 'file' && body.once) {
    // It can be opened once, and nothing else.
  } else if (body.kind === 'file' && body.transfer.state === 'ready' && !isCovered(message)) {
    items.push({ id: 'save', label: t('save'), icon: Download, act: () => void save(id, body.name) })
  } else if (body.kind === 'file') {
    items.push({ id: 'name', label: t('copyName'), icon: Copy, act: () => void navigator.clipboard.writeText(body.name) })
  }
  if (delivery?.state === 'failed') {
    items.push({ id: 'retry', label: t('tryAgain'), icon: RotateCw, act: () => void call('message.retry', { id }) })
    items.push({ id: 'delete', label: t('delete'), icon: Trash2, danger: true, act: () => void call('message.discard', { id }) })
  } else if (chatId.startsWith('secret:')) {
    items.push({ id: 'remove', label: t('secret:removeForBoth'), icon: Eraser, danger: true, act: onRemove })
  }
  return items
}
