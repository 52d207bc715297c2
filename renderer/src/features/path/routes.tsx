/** Every route the app knows, whether tried or not, and a way to add a bridge by its address. */
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BackendError } from '../../../../shared/contract/errors.ts'
import type { KnownRoute, PathState } from '../../../../shared/contract/path.ts'
import { useBackend } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Quiet, Section } from '../../ui/page.tsx'
import { RouteRow } from './route-row.tsx'
import styles from './routes.module.css'

export function Routes({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  const isInUse = ({ recipe }: KnownRoute) => path.status === 'connected' && path.route?.recipe === recipe
  const rank = (route: KnownRoute) => (route.choice === 'banned' ? 3 : route.choice === 'pinned' ? 0 : isInUse(route) ? 1 : 2)
  return (
    <Section title={t('routes')}>
      <Quiet>{t('routesHelp')}</Quiet>
      {path.routes.length === 0 ? (
        <p>{t('routesNone')}</p>
      ) : (
        <ul className={styles.routes}>
          {path.routes
            .toSorted((a, b) => rank(a) - rank(b))
            .map((route) => (
              <RouteRow
                key={route.recipe}
                route={route}
                isInUse={isInUse(route)}
                isStandby={path.standby?.recipe === route.recipe}
                isPracticable={path.network.up}
              />
            ))}
        </ul>
      )}
      <AddProxy />
    </Section>
  )
}

type Outcome = 'added' | 'bad' | 'there'

function AddProxy() {
  const { t } = useTranslation('path')
  const backend = useBackend()
  const [url, setUrl] = useState('')
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const add = async (event: FormEvent) => {
    event.preventDefault()
    try {
      await backend.call('proxy.add', { url: url.trim() })
      setOutcome('added')
      setUrl('')
    } catch (error) {
      setOutcome(error instanceof BackendError && error.code === 'already-there' ? 'there' : 'bad')
    }
  }
  const faults = { added: null, bad: t('proxyBad'), there: t('proxyThere') } as const
  return (
    <form className={styles.add} onSubmit={(event) => void add(event)}>
      <div className={styles.field}>
        <Field
          label={t('proxyUrl')}
          hint={outcome === 'added' ? t('proxyAdded') : t('proxyHint')}
          fault={outcome && faults[outcome]}
          mono
          autoComplete="off"
          required
          value={url}
          onChange={(event) => {
            setUrl(event.target.value)
            setOutcome(null)
          }}
        />
      </div>
      <Button type="submit">{t('proxyAdd')}</Button>
    </form>
  )
}
