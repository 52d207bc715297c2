/** Publishing a small public page: its title, its text, and in return its link. */
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useBackend } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import styles from './publish-dialog.module.css'

/** What the contract lets through. */
const MOST_TITLE = 120
const MOST_TEXT = 4_000

export function PublishDialog({ onPublished, onClose }: { onPublished: (url: string) => void; onClose: () => void }) {
  const { t } = useTranslation(['links', 'common'])
  const backend = useBackend()
  const textId = useId()
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const ready = title.trim() !== '' && text.trim() !== '' && !busy

  const publish = async (event: FormEvent) => {
    event.preventDefault()
    if (!ready) return
    setBusy(true)
    try {
      const { url } = await backend.call('link.publish', { title: title.trim(), text: text.trim() })
      onPublished(url)
      onClose()
    } catch (error) {
      setBusy(false)
      setFault(t(`common:error.${error instanceof BackendError ? error.code : 'internal'}`))
    }
  }
  return (
    <Dialog title={t('publishTitle')} onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void publish(event)}>
        <p>{t('publishHelp')}</p>
        <Field
          data-autofocus=""
          dir="auto"
          label={t('pageTitle')}
          maxLength={MOST_TITLE}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <div>
          <label htmlFor={textId}>{t('pageText')}</label>
          <textarea id={textId} dir="auto" rows={6} maxLength={MOST_TEXT} value={text} onChange={(event) => setText(event.target.value)} />
        </div>
        <p className={styles.fault} role="status">
          {fault}
        </p>
        <Button type="submit" look="primary" disabled={!ready}>
          {t('publish')}
        </Button>
      </form>
    </Dialog>
  )
}
