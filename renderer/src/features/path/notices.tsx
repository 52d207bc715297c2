/** What is worth a sentence under the line: all well, a countdown, a trace of the last detour, a clock that is off. */
import { useTranslation } from 'react-i18next'
import type { PathState } from '../../../../shared/contract/path.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { useMilliseconds } from '../../ui/line/use-milliseconds.ts'
import { useNow } from '../../ui/line/use-now.ts'
import styles from './path.module.css'

/** From here on a clock disturbs the checking of certificates. */
const SKEW_WORTH_SAYING_MS = 60_000

export function Notices({ path }: { path: PathState }) {
  const { t } = useTranslation('path')
  const format = useFormat()
  const milliseconds = useMilliseconds()
  const call = useCall()
  const now = useNow(1_000, path.returning !== null || path.nextTryAt !== null)
  const { returning, nextTryAt, lastSwitch, clockSkewMs, routes } = path
  const pinned = routes.some(({ choice }) => choice === 'pinned')
  const bans = routes.filter(({ choice }) => choice === 'banned').length
  const skew = Math.abs(clockSkewMs ?? 0)
  return (
    <div className={styles.notices}>
      {isAllWell(path) && <p>{t('allWell')}</p>}
      {path.raceAt === null && <p>{t('noAttempt')}</p>}
      {nextTryAt !== null && <p>{t('nextTry', { seconds: format.span(Math.max(0, nextTryAt - now)) })}</p>}
      {nextTryAt !== null && bans > 0 && <p>{t('bansInTheWay', { count: bans })}</p>}
      {returning && (
        <p className={styles.returning}>
          {t(pinned ? 'returningPinned' : 'returning', {
            hold: format.span(returning.holdMs),
            left: format.span(Math.max(0, returning.readyAt - now)),
          })}
          <Button look="primary" onClick={() => void call('path.return', {})}>
            {t('moveNow')}
          </Button>
        </p>
      )}
      {lastSwitch && <p>{t('lastSwitch', { time: format.time(lastSwitch.at - lastSwitch.gapMs), gap: milliseconds(lastSwitch.gapMs) })}</p>}
      {skew > SKEW_WORTH_SAYING_MS && (
        <p>{t((clockSkewMs ?? 0) < 0 ? 'clockSkewAhead' : 'clockSkewBehind', { skew: format.span(skew) })}</p>
      )}
    </div>
  )
}

function isAllWell(path: PathState): boolean {
  return (
    path.status === 'connected' &&
    path.route?.kind === 'plain' &&
    path.verdicts.every((verdict) => verdict.kind === 'ok' || verdict.kind === 'inconclusive')
  )
}
