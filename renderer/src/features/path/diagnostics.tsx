/** The redacted file for whoever helps: saved with one press, and to be read first by whoever wants to. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PathState } from '../../../../shared/contract/path.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Disclosure, Quiet, Section } from '../../ui/page.tsx'
import { saveAs } from '../../ui/save-as.ts'
import styles from './routes.module.css'

const NAME = 'throughline-diagnostics.json'

export function Diagnostics({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  const call = useCall()
  const [isSaved, setSaved] = useState(false)
  const save = async () => {
    const made = await call('path.export', {})
    if (made === null) return
    saveAs(new Blob([made.text], { type: 'application/json' }), NAME)
    setSaved(true)
  }
  return (
    <Section title={t('export')}>
      <Quiet>{t('exportHelp')}</Quiet>
      <div className={styles.acts}>
        <Button onClick={() => void save()}>{t('exportSave')}</Button>
        <p role="status">{isSaved && t('exportSaved', { name: NAME })}</p>
      </div>
      <Disclosure summary={t('exportPreview')}>
        <Preview raceAt={path.raceAt} />
      </Disclosure>
    </Section>
  )
}

/** The file as it would be saved now; made anew with each race, and not with every change, for people read it. */
function Preview({ raceAt }: { raceAt: PathState['raceAt'] }) {
  const { t } = useTranslation('path')
  const call = useCall()
  const [text, setText] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new race is the reason to ask again
  useEffect(() => {
    void call('path.export', {}).then((made) => made && setText(made.text))
  }, [call, raceAt])
  return (
    <>
      <p>{t('exportIn')}</p>
      <p>{t('exportOut')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className={styles.file} tabIndex={0} dir="ltr" aria-label={t('exportText')}>
        <pre>{text}</pre>
      </section>
    </>
  )
}
