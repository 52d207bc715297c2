/** A play without a story: how long it goes on, looking back along it, pause, and putting everything back. */
import { Pause, Play, Square } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import { isolated } from '../../i18n/isolated.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import styles from './run-bar.module.css'
import { TimeBar } from './time-bar.tsx'

export function FreeBar({ lab, free }: { lab: LabState; free: NonNullable<LabState['free']> }) {
  const { t } = useTranslation('lab')
  const call = useCall()
  const place = lab.vantages.find((vantage) => vantage.id === free.vantage)?.title ?? free.vantage
  return (
    <section className={styles.bar} aria-labelledby="lab-free">
      <div className={styles.text}>
        <h2 id="lab-free">{t(lab.adaptive ? 'freeAdaptive' : 'free')}</h2>
        <p className={styles.meta}>
          {t(free.finished ? 'freeOver' : 'freeAt', { place: isolated(place) })}
          {free.paused && <Chip tone="detour">{t('paused')}</Chip>}
        </p>
      </div>
      <TimeBar axis={free} />
      <div className={styles.buttons}>
        {!free.finished && (
          <Button icon={free.paused ? Play : Pause} onClick={() => void call('lab.pause', { paused: !free.paused })}>
            {t(free.paused ? 'goOn' : 'pause')}
          </Button>
        )}
        <Button icon={Square} onClick={() => void call('lab.stop', {})}>
          {t('stop')}
        </Button>
      </div>
    </section>
  )
}
