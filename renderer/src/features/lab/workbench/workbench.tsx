/** The workbench: every mechanism there is, switched on and off by hand, and what was done kept as a story of one's own. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../../shared/contract/lab.ts'
import { useApp, useCall } from '../../../state/backend.ts'
import { Button } from '../../../ui/button.tsx'
import { Disclosure, Quiet } from '../../../ui/page.tsx'
import { Told } from '../../../ui/told.tsx'
import { draftOf, draftOfRule, type RuleDraft } from './form-model.ts'
import { ImportDialog } from './import-dialog.tsx'
import { KeepDialog } from './keep-dialog.tsx'
import { RuleForm } from './rule-form.tsx'
import styles from './workbench.module.css'

export function Workbench({ lab }: { lab: LabState }) {
  const { t } = useTranslation('workbench')
  return (
    <Disclosure summary={t('open')}>
      <Bench lab={lab} />
    </Disclosure>
  )
}

function Bench({ lab }: { lab: LabState }) {
  const { t } = useTranslation('workbench')
  const call = useCall()
  const user = useApp((state) => state.hello?.user)
  const [draft, setDraft] = useState<RuleDraft | null>(null)
  const [dialog, setDialog] = useState<'keep' | 'import' | null>(null)
  const { standing, made, editing, setAside } = lab.workbench
  const subject = lab.running?.client ?? user
  const here = lab.clients.find((client) => client.name === subject)?.vantage ?? lab.vantages[0]?.id ?? ''
  const edited = lab.scenarios.find(({ id }) => id === editing)
  return (
    <div className={styles.bench}>
      <Quiet>{t('intro')}</Quiet>
      {setAside.map(({ file, reason }) => (
        <p key={file} className={styles.fault} role="status">
          {t('setAside', { file, reason })}
        </p>
      ))}
      {edited && <Quiet role="status">{t('editing', { title: edited.title })}</Quiet>}
      <h3>{t('standing')}</h3>
      {standing.length === 0 ? (
        <Quiet>{t('none')}</Quiet>
      ) : (
        <ul className={styles.standing}>
          {standing.map(({ id, label, rule }) => (
            <li key={id}>
              <Told>{label}</Told>
              <Button look="quiet" aria-label={t('changeLabel', { what: label })} onClick={() => setDraft(draftOfRule(id, rule))}>
                {t('change')}
              </Button>
              <Button look="quiet" aria-label={t('liftLabel', { what: label })} onClick={() => void call('lab.lift', { id })}>
                {t('lift')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {draft ? (
        <RuleForm key={draft.id} lab={lab} draft={draft} onChange={setDraft} onDone={() => setDraft(null)} />
      ) : (
        <div className={styles.actions}>
          <Button onClick={() => setDraft(draftOf(lab, `place:${here}`, 'dns_lie'))}>{t('add')}</Button>
          <Button disabled={made.length === 0} onClick={() => setDialog('keep')}>
            {t('save')}
          </Button>
          <Button onClick={() => setDialog('import')}>{t('import')}</Button>
        </div>
      )}
      {dialog === 'keep' && <KeepDialog lab={lab} here={here} onClose={() => setDialog(null)} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
    </div>
  )
}
