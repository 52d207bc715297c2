/** One route: what it is, how it fared, what the person decided about it, and how it goes by itself. */
import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KnownRoute, TryOutcome } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Icon } from '../../ui/icon.tsx'
import { reasonKey } from '../../ui/line/finding-words.ts'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import styles from './routes.module.css'

interface RouteRowProps {
  readonly route: KnownRoute
  readonly isInUse: boolean
  readonly isStandby: boolean
  /** There is a network to try it on. */
  readonly isPracticable: boolean
}

export function RouteRow({ route, isInUse, isStandby, isPracticable }: RouteRowProps) {
  const { t } = useTranslation('path')
  const { recipe, choice, source } = route
  const last = useLast(route)
  const trial = useTrial(recipe)
  return (
    <li className={styles.route} data-choice={choice ?? undefined}>
      <div>
        <p className={styles.kind}>
          <b>{t(`routeKind.${route.kind}`)}</b>
          {choice === 'pinned' && <Chip tone="through">{t('pinned')}</Chip>}
          {choice === 'banned' && <Chip tone="cut">{t('banned')}</Chip>}
          {isInUse && <Chip tone="through">{t('inUse')}</Chip>}
          {isStandby && <Chip>{t('standbyChip')}</Chip>}
          {route.remembered && <Chip>{t('remembered')}</Chip>}
        </p>
        <bdi dir="ltr">{recipe}</bdi>
        <p className={styles.facts}>
          <span>{t(`source.${source}`)}</span>
          {choice !== 'banned' && <span>{last}</span>}
        </p>
        {choice === 'pinned' && <p className={styles.note}>{t('pinnedNote')}</p>}
        {choice === 'banned' && <p className={styles.note}>{t(route.kind === 'proxy' ? 'bannedBridgeNote' : 'bannedNote')}</p>}
        <p className={styles.note} role="status">
          {trial.words}
        </p>
      </div>
      <div className={styles.acts}>
        {choice !== 'banned' && (
          <Button
            look="quiet"
            aria-label={t('tryRouteLabel', { recipe })}
            disabled={!isPracticable || trial.isRunning}
            onClick={() => void trial.run()}
          >
            {t('tryRoute')}
          </Button>
        )}
        <Menu label={t('routeActions', { recipe })} className={styles.more} items={useDecisions(route)}>
          <Icon of={Ellipsis} />
        </Menu>
      </div>
    </li>
  )
}

function useLast({ last }: KnownRoute): string {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  if (last === null) return t('routeUntried')
  const time = format.time(last.at)
  if (!last.ok) return t('routeFailed', { time })
  return last.ms === null ? t('routeWorkedPlain', { time }) : t('routeWorked', { ms: milliseconds(last.ms), time })
}

function useDecisions({ recipe, choice, source, proxyId }: KnownRoute): readonly MenuItem[] {
  const { t } = useTranslation('path')
  const call = useCall()
  const pin = { id: 'pin', label: t('routePin'), act: () => void call('route.pin', { recipe }) }
  const ban = { id: 'ban', label: t('routeBan'), danger: true, act: () => void call('route.ban', { recipe }) }
  const clear = (label: string) => ({ id: 'clear', label, act: () => void call('route.clear', { recipe }) })
  const remove = (id: string) => ({
    id: 'remove',
    label: t('proxyRemove'),
    danger: true,
    act: () => void call('proxy.remove', { proxyId: id }),
  })
  return [
    ...(choice === 'pinned' ? [clear(t('routeUnpin'))] : []),
    ...(choice === 'banned' ? [clear(t('routeAllow'))] : []),
    ...(choice === 'pinned' ? [] : [pin]),
    ...(choice === 'banned' ? [] : [ban]),
    ...(source === 'hand' && proxyId !== undefined ? [remove(proxyId)] : []),
  ]
}

/** One login by this route alone, on request; what came of it stays until the next. */
function useTrial(recipe: string) {
  const { t } = useTranslation('path')
  const milliseconds = useMilliseconds()
  const call = useCall()
  const [state, setState] = useState<TryOutcome | 'running' | null>(null)
  const words = () => {
    if (state === null) return null
    if (state === 'running') return t('trying')
    if (state.ok) return t('tryWorked', { ms: milliseconds(state.ms) })
    const failed = t(`tryFailed.${state.step ?? 'none'}`)
    return state.reason === null ? failed : `${failed} ${t(reasonKey(state.reason), { code: state.reason })}`
  }
  return {
    words: words(),
    isRunning: state === 'running',
    async run() {
      setState('running')
      setState(await call('path.try', { recipe }))
    },
  }
}
