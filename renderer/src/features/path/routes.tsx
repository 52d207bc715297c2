/** Every route the app knows, whether tried or not, and a way to add a bridge by its address. */
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KnownRoute, PathState } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { useBackend, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Field } from '../../ui/field.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import styles from './routes.module.css'

export function Routes({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  return (
    <Section title={t('routes')}>
      <Quiet>{t('routesHelp')}</Quiet>
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
    </Section>
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
      <div className={styles.field}>
        <Field
          label={t('proxyUrl')}
          hint={outcome === 'added' ? t('proxyAdded') : t('proxyHint')}
          fault={outcome === 'bad' ? t('proxyBad') : null}
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
