/** The story that runs: for whom, at what story time, how far; pause and stop. */
import { Pause, Play, Square } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { LabState } from '../../../../shared/contract/lab.ts'
import en from '../../i18n/en/lab.json'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { displayName } from '../../ui/display-name.ts'
import { Told } from '../../ui/told.tsx'
import styles from './run-bar.module.css'
import { StandHere } from './stand-here.tsx'
import { useStoryTime } from './story-time.ts'
import { TimeBar } from './time-bar.tsx'

type Todo = Extract<keyof typeof en, `todo.${string}`>
/** Stories of the person's own have no hint. */
const isTodo = (key: string): key is Todo => key in en

export function RunBar({ lab, running }: { lab: LabState; running: NonNullable<LabState['running']> }) {
  const { t } = useTranslation('lab')
  const format = useFormat()
  const storyTime = useStoryTime()
  const call = useCall()
  const paused = running.speed === 0
  const todo = `todo.${running.scenario}`
  const card = lab.scenarios.find((scenario) => scenario.id === running.scenario)
  return (
    <section className={styles.bar} aria-labelledby="lab-running">
      <div className={styles.text}>
        <h2 id="lab-running">
          <Told>{card?.title ?? running.scenario}</Told>
        </h2>
        <p className={styles.meta}>
          {t(running.finished ? 'finished' : 'running', { name: displayName(running.client) })}
          {paused && !running.finished && <Chip tone="detour">{t('paused')}</Chip>}
        </p>
      </div>
      <div className={styles.progress}>
        <p className={styles.story}>
          <span>{t('storyDate')}</span> <time dateTime={running.story}>{storyTime(running.story)}</time>
        </p>
        <ol className={styles.steps} aria-hidden="true">
          {Array.from({ length: running.steps }, (_, index) => index + 1).map((step) => (
            <li key={step} data-state={step < running.step ? 'done' : step === running.step ? 'now' : 'ahead'} />
          ))}
        </ol>
        <p className={styles.meta}>{t('step', { step: format.number(running.step), steps: format.number(running.steps) })}</p>
      </div>
      {isTodo(todo) && <p className={styles.todo}>{t(todo)}</p>}
      <StandHere lab={lab} name={running.client} />
      <TimeBar axis={running} running={running} />
      <div className={styles.buttons}>
        {!running.finished && (
          <Button icon={paused ? Play : Pause} onClick={() => void call('lab.pause', { paused: !paused })}>
            {t(paused ? 'goOn' : 'pause')}
          </Button>
        )}
        <Button icon={Square} onClick={() => void call('lab.stop', {})}>
          {t('stop')}
        </Button>
      </div>
    </section>
  )
}
