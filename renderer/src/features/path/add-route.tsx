/** More ways, by whatever somebody handed over: a bridge's link, a proxy's address, or a bundle as link, text or file. */
import { type ChangeEvent, type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type BundleRefusal, type ImportOutcome, MAX_IMPORT_CHARS } from '../../../../shared/contract/bundle.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useBackend } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import styles from './routes.module.css'

type Outcome = { said: 'proxyAdded' | 'proxyBad' | 'proxyThere' } | { said: 'bundle'; outcome: ImportOutcome }

/** Somebody's computer; anything else that can be added is a bundle. */
const proxyLink = /^\s*(socks5|https?|wss):\/\//i

export function AddRoute() {
  const { t } = useTranslation('path')
  const backend = useBackend()
  const fileId = useId()
  const [text, setText] = useState('')
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const words = useOutcome(outcome)

  const add = async (given: string): Promise<Outcome> => {
    try {
      if (!proxyLink.test(given)) return { said: 'bundle', outcome: await backend.call('bundle.import', { text: given }) }
      await backend.call('proxy.add', { url: given.trim() })
      return { said: 'proxyAdded' }
    } catch (error) {
      return { said: error instanceof BackendError && error.code === 'already-there' ? 'proxyThere' : 'proxyBad' }
    }
  }
  const tell = (next: Outcome) => {
    setOutcome(next)
    if (isGood(next)) setText('')
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    tell(await add(text))
  }
  const open = async (event: ChangeEvent<HTMLInputElement>) => {
    const { target } = event
    const file = target.files?.[0]
    if (!file) return
    tell(
      file.size > 4 * MAX_IMPORT_CHARS
        ? { said: 'bundle', outcome: { outcome: 'refused', reason: 'too-large' } }
        : await add(await file.text()),
    )
    target.value = ''
  }
  return (
    <form className={styles.add} onSubmit={(event) => void submit(event)}>
      <div className={styles.field}>
        <Field
          label={t('proxyUrl')}
          hint={outcome && isGood(outcome) ? words : t('proxyHint')}
          fault={outcome && !isGood(outcome) ? words : null}
          mono
          autoComplete="off"
          required
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setOutcome(null)
          }}
        />
      </div>
      <div className={styles.acts}>
        <Button type="submit">{t('proxyAdd')}</Button>
        <label htmlFor={fileId} className={styles.open}>
          {t('addFile')}
          <input
            id={fileId}
            type="file"
            className="hidden-text"
            accept=".json,.txt,application/json,text/plain"
            onChange={(event) => void open(event)}
          />
        </label>
      </div>
    </form>
  )
}

const isGood = (outcome: Outcome) => outcome.said === 'proxyAdded' || (outcome.said === 'bundle' && outcome.outcome.outcome !== 'refused')

function useOutcome(outcome: Outcome | null): string {
  const { t } = useTranslation('path')
  if (outcome === null) return ''
  if (outcome.said !== 'bundle') return t(outcome.said)
  const came = outcome.outcome
  switch (came.outcome) {
    case 'refused':
      return t(`refusal.${came.reason}` satisfies `refusal.${BundleRefusal}`)
    case 'known':
      return t('bundleKnown')
    case 'taken': {
      const taken = came.addedWays > 0 ? t('bundleWays', { count: came.addedWays }) : t('bundleTaken')
      return came.works === null ? taken : `${taken} ${t('bundleWorks')}`
    }
  }
}
