/** Where one writes: text, and files picked, pasted or dropped. */
import { Paperclip, SendHorizontal } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { type ChatSummary, MAX_TEXT } from '../../../../shared/contract/chat.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { IconButton } from '../../ui/button.tsx'
import { AttachmentTray } from './attachment-tray.tsx'
import styles from './composer.module.css'
import { sendsMessage } from './keys.ts'
import { useAttachments } from './use-attachments.ts'
import { useDraft } from './use-draft.ts'
import { useDropTarget } from './use-drop-target.ts'

/** Said at most this often; the other side shows it for five seconds. */
const TYPING_EVERY_MS = 3_000
/** From here on the composer says how much is left. */
const NEARLY_FULL = 500

interface ComposerProps {
  chat: ChatSummary
  /** What whoever writes here should know now. */
  note?: string | undefined
  /** Why nothing can be written now; what was begun stays. */
  closed?: string | undefined
  /** One more button before the text; what it makes goes into the text by `insert`. */
  tool?: (insert: (words: string) => void) => ReactNode
}

export function Composer({ chat, note, closed, tool }: ComposerProps) {
  const { t } = useTranslation('chats')
  const format = useFormat()
  const call = useCall()
  const { text, setText } = useDraft(chat)
  const attachments = useAttachments(chat.id)
  const isClosed = closed !== undefined
  const noteId = useId()
  const dropping = useDropTarget((files) => {
    if (!isClosed) attachments.add(files)
  })
  const enterSends = useApp((state) => state.settings?.enterSends ?? true)
  const typingShown = useApp((state) => state.settings?.typingShown ?? false)
  const box = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const typingAt = useRef(Number.NEGATIVE_INFINITY)
  const left = MAX_TEXT - text.trim().length
  const canSend = !isClosed && left >= 0 && (text.trim() !== '' || attachments.list.some(({ progress }) => progress === null))

  useEffect(() => {
    // On a touch screen this would push up the keyboard.
    if (matchMedia('(hover: hover)').matches) box.current?.focus({ preventScroll: true })
  }, [])

  const send = async () => {
    if (!canSend) return
    const words = text.trim()
    setText('')
    box.current?.focus()
    await attachments.send()
    if (words === '') return
    const kept = await call('message.send', { id: crypto.randomUUID(), chatId: chat.id, text: words })
    if (!kept) setText(words)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { isComposing, keyCode } = event.nativeEvent
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event
    if (!sendsMessage({ key, shiftKey, ctrlKey, metaKey, altKey, isComposing, keyCode }, enterSends)) return
    event.preventDefault()
    void send()
  }
  const onChange = (value: string) => {
    setText(value)
    if (!typingShown || value === '' || performance.now() - typingAt.current < TYPING_EVERY_MS) return
    typingAt.current = performance.now()
    void call('typing.set', { chatId: chat.id })
  }
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files]
    if (files.length === 0) return
    event.preventDefault()
    attachments.add(files)
  }

  return (
    <section className={styles.composer} aria-label={t('composer')} data-tour="composer">
      {dropping && !isClosed && <p className={styles.drop}>{t('dropHere')}</p>}
      {(closed ?? note) !== undefined && (
        <p id={noteId} className={styles.note}>
          {closed ?? note}
        </p>
      )}
      <AttachmentTray attachments={attachments} isSecret={chat.kind === 'secret'} />
      {left < NEARLY_FULL && (
        <p className={left < 0 ? styles.over : styles.left} role="status">
          {left < 0 ? t('tooLong', { count: -left }) : t('charactersLeft', { count: left, number: format.number(left) })}
        </p>
      )}
      <div className={styles.line}>
        <IconButton label={t('attach')} icon={Paperclip} disabled={isClosed} onClick={() => picker.current?.click()} />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            attachments.add([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
        {!isClosed && tool?.((words) => setText(text.trim() === '' ? words : `${text.trimEnd()} ${words}`))}
        <textarea
          ref={box}
          className={styles.box}
          rows={1}
          dir="auto"
          value={text}
          disabled={isClosed}
          aria-describedby={(closed ?? note) === undefined ? undefined : noteId}
          aria-label={t('messageTo', { name: chat.peer.handle })}
          placeholder={t('placeholder')}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <IconButton className={styles.send} label={t('send')} icon={SendHorizontal} disabled={!canSend} onClick={() => void send()} />
      </div>
    </section>
  )
}
