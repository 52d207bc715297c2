/** What can be done with a story of one's own: edited, renamed, saved as a file, taken off the list; and what was taken off put back. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState, ScenarioCard } from '../../../../../shared/contract/lab.ts'
import { type KeepResult, MAX_TITLE } from '../../../../../shared/contract/workbench.ts'
import { isolated } from '../../../i18n/isolated.ts'
import { useCall } from '../../../state/backend.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Quiet } from '../../../ui/page.tsx'
import { saveAs } from '../../../ui/save-as.ts'
import { ImportDialog, ResultWords } from './import-dialog.tsx'
import styles from './workbench.module.css'

export function OwnActions({ card, editable }: { card: ScenarioCard; editable: boolean }) {
  const { t } = useTranslation('workbench')
  const call = useCall()
  const [dialog, setDialog] = useState<{ readonly kind: 'rename' } | { readonly kind: 'text'; readonly text: string } | null>(null)
  const { id } = card
  const file = () => call('lab.export', { id })
  const save = async () => {
    const found = await file()
    if (found) saveAs(new Blob([found.text], { type: 'application/json' }), found.name)
  }
  const asText = async () => {
    const found = await file()
    if (found) setDialog({ kind: 'text', text: found.text })
  }
  return (
    <fieldset className={styles.set} aria-label={t('actionsOf', { title: card.title })}>
      {editable && (
        <Button look="quiet" onClick={() => void call('lab.edit', { id })}>
          {t('edit')}
        </Button>
      )}
      <Button look="quiet" onClick={() => void asText()}>
        {t('asText')}
      </Button>
      <Button look="quiet" onClick={() => setDialog({ kind: 'rename' })}>
        {t('rename')}
      </Button>
      <Button look="quiet" onClick={() => void save()}>
        {t('export')}
      </Button>
      <Button look="quiet" onClick={() => void call('lab.remove', { id })}>
        {t('remove')}
      </Button>
      {dialog?.kind === 'rename' && <RenameDialog card={card} onClose={() => setDialog(null)} />}
      {dialog?.kind === 'text' && <ImportDialog text={dialog.text} onClose={() => setDialog(null)} />}
    </fieldset>
  )
}

function RenameDialog({ card, onClose }: { card: ScenarioCard; onClose: () => void }) {
  const { t } = useTranslation('workbench')
  const call = useCall()
  const [title, setTitle] = useState(card.title)
  const [result, setResult] = useState<KeepResult | null>(null)
  const rename = async () => {
    const answer = await call('lab.rename', { id: card.id, title })
    setResult(answer)
    if (answer?.result === 'kept') onClose()
  }
  return (
    <Dialog
      title={t('rename')}
      onClose={onClose}
      actions={
        <Button look="primary" disabled={title.trim() === ''} onClick={() => void rename()}>
          {t('keepDo')}
        </Button>
      }
    >
      <Field
        label={t('newTitle')}
        maxLength={MAX_TITLE}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        data-autofocus=""
      />
      <div role="alert">{result && <ResultWords result={result} />}</div>
    </Dialog>
  )
}

/** Nothing that was taken off the list is lost. */
export function Removed({ lab }: { lab: LabState }) {
  const { t } = useTranslation('workbench')
  const call = useCall()
  const { removed } = lab.workbench
  return removed.map(({ id, title }) => (
    <div key={id} className={styles.actions}>
      <Quiet role="status">{t('undoable', { title: isolated(title) })}</Quiet>
      <Button look="quiet" onClick={() => void call('lab.putBack', { id })}>
        {t('putBack')}
      </Button>
    </div>
  ))
}
