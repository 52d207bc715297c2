/** Every route the app knows, whether tried or not, and a way to add a bridge by its address. */
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KnownRoute, PathState } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { useBackend, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import pathStyles from './path.module.css'
import styles from './routes.module.css'

export function Routes({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  return (
    <section className={pathStyles.section} aria-labelledby="path-routes">
      <h2 id="path-routes">{t('routes')}</h2>
      <p className={pathStyles.quiet}>{t('routesHelp')}</p>
      {path.routes.length === 0 ? (
        <p>{t('routesNone')}</p>
      ) : (
        <ul className={styles.routes}>
          {path.routes.map((route) => (
            <RouteRow key={route.recipe} route={route} inUse={path.status === 'connected' && path.route?.recipe === route.recipe} />
          ))}
        </ul>
      )}
      <AddProxy />
    </section>
  )
}

function RouteRow({ route, inUse }: { route: KnownRoute; inUse: boolean }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const call = useCall()
  const { last, proxyId, source } = route
  const result = () => {
    if (last === null) return t('routeUntried')
    if (!last.ok) return t('routeFailed', { time: format.time(last.at) })
    return last.ms === null
      ? t('routeWorkedPlain', { time: format.time(last.at) })
      : t('routeWorked', { ms: milliseconds(last.ms), time: format.time(last.at) })
  }
  return (
    <li className={styles.route}>
      <div>
        <p className={styles.kind}>
          <b>{t(`routeKind.${route.kind}`)}</b>
          {inUse && <Chip tone="through">{t('inUse')}</Chip>}
          {route.remembered && <Chip>{t('remembered')}</Chip>}
        </p>
        <bdi dir="ltr">{route.recipe}</bdi>
        <p className={styles.facts}>
          <span>{t(`source.${source}`)}</span>
          <span>{result()}</span>
        </p>
      </div>
      {source === 'hand' && proxyId !== undefined && (
        <Button
          look="quiet"
          aria-label={t('proxyRemoveLabel', { recipe: route.recipe })}
          onClick={() => void call('proxy.remove', { proxyId })}
        >
          {t('proxyRemove')}
        </Button>
      )}
    </li>
  )
}

function AddProxy() {
  const { t } = useTranslation('path')
  const backend = useBackend()
  const id = useId()
  const [url, setUrl] = useState('')
  const [outcome, setOutcome] = useState<'added' | 'bad' | null>(null)
  const add = async (event: FormEvent) => {
    event.preventDefault()
    try {
      await backend.call('proxy.add', { url: url.trim() })
      setOutcome('added')
      setUrl('')
    } catch {
      setOutcome('bad')
    }
  }
  return (
    <form className={styles.add} onSubmit={(event) => void add(event)}>
      <label htmlFor={id}>{t('proxyUrl')}</label>
      <div className={styles.field}>
        <input
          id={id}
          dir="ltr"
          autoComplete="off"
          spellCheck={false}
          required
          value={url}
          aria-describedby={`${id}-hint`}
          aria-invalid={outcome === 'bad'}
          onChange={(event) => {
            setUrl(event.target.value)
            setOutcome(null)
          }}
        />
        <Button type="submit">{t('proxyAdd')}</Button>
      </div>
      <p id={`${id}-hint`} className={pathStyles.quiet}>
        {t('proxyHint')}
      </p>
      <p role="status" className={outcome === 'bad' ? styles.bad : undefined}>
        {outcome === 'bad' && t('proxyBad')}
        {outcome === 'added' && t('proxyAdded')}
      </p>
    </form>
  )
}
