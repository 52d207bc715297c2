/** Every route the app knows, whether tried or not, and a way to add more. */
import { useTranslation } from 'react-i18next'
import type { KnownRoute, PathState } from '../../../../shared/contract/path.ts'
import { Quiet, Section } from '../../ui/page.tsx'
import { AddRoute } from './add-route.tsx'
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
      <AddRoute />
    </Section>
  )
}
