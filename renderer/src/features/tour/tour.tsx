/** Three steps beside the thing itself. Each ends when the person has done it; none is in the way. */
import { type ReactNode, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../../shared/util/assert-never.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall, useDispatch, useGetState } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import {
  BOB,
  isDone,
  isStarted,
  outcomeOf,
  type Step,
  saidHelloAt,
  secretPhase,
  steps,
  storyId,
  TOUR_OVER,
  targetsOf,
  tourStep,
} from './steps.ts'
import styles from './tour.module.css'
import { useAnchor } from './use-anchor.ts'

export function Tour() {
  const call = useCall()
  const step = useApp(tourStep)
  const helloBefore = useHelloBefore(step)
  const done = useApp((state) => step !== null && helloBefore !== undefined && isDone(step, state, helloBefore))

  useEffect(() => {
    if (step !== null && done) void call('settings.set', { tourStep: steps.indexOf(step) + 1 })
  }, [call, step, done])

  return step && <Card key={step} step={step} />
}

/** When the person had written last as this step began; `undefined` until that is known. */
function useHelloBefore(step: Step | null): number | null | undefined {
  const hasChats = useApp((state) => state.chats !== null)
  const getState = useGetState()
  const [began, setBegan] = useState<{ step: Step; said: number | null } | null>(null)
  useEffect(() => {
    setBegan(step === null || !hasChats ? null : { step, said: saidHelloAt(getState()) })
  }, [step, hasChats, getState])
  return began?.step === step ? began?.said : undefined
}

function Card({ step }: { step: Step }) {
  const { t } = useTranslation('tour')
  const call = useCall()
  const format = useFormat()
  const targets = useApp((state) => targetsOf(step, state).join())
  // The thing it stands beside moves when another view or chat opens.
  useApp((state) => `${state.view} ${state.openChat} ${Boolean(state.chats?.[BOB])}`)
  const placed = useAnchor(targets)
  const number = steps.indexOf(step) + 1
  const isEnd = step === 'end'
  return (
    <aside className={styles.card} data-placed={placed} aria-label={t('label')}>
      {!isEnd && <p className={styles.count}>{t('stepOf', { number: format.number(number), total: format.number(steps.length - 1) })}</p>}
      <Body step={step} />
      <div className={styles.actions}>
        <Action step={step} />
        <Button look={isEnd ? 'primary' : 'quiet'} onClick={() => void call('settings.set', { tourStep: TOUR_OVER })}>
          {isEnd ? t('finish') : t('skip')}
        </Button>
      </div>
    </aside>
  )
}

function Body({ step }: { step: Step }): ReactNode {
  const { t } = useTranslation('tour')
  const started = useApp(isStarted)
  const phase = useApp(secretPhase)
  switch (step) {
    case 'hello':
      return <Words title={t('helloTitle')}>{t('helloText')}</Words>
    case 'secret':
      return <Words title={t(`secret.${phase}Title`)}>{t(`secret.${phase}Text`)}</Words>
    case 'break':
      return started ? <Words title={t('startedTitle')}>{t('startedText')}</Words> : <Words title={t('breakTitle')}>{t('breakText')}</Words>
    case 'end':
      return <Outcome />
    default:
      return assertNever(step)
  }
}

function Words({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="status">
      <h2 className={styles.title}>{title}</h2>
      <p>{children}</p>
    </div>
  )
}

function Outcome() {
  const { t } = useTranslation('tour')
  const format = useFormat()
  const getState = useGetState()
  // As it was when the detour carried; the network may change again while this is read.
  const [{ lost, detourMs }] = useState(() => outcomeOf(getState()))
  return (
    <Words title={t('endLost', { count: lost })}>
      {detourMs !== null && <span>{t('endDetour', { duration: format.seconds(detourMs) })} </span>}
      <PlainClient />
    </Words>
  )
}

/** As it is now: it takes seconds to notice its silence, long after our detour was found; until then there is nothing to say. */
function PlainClient() {
  const { t } = useTranslation('tour')
  const state = useApp(({ lab }) => lab?.plain?.state)
  const [hasWaited, setHasWaited] = useState(false)
  if (state === 'connecting' && !hasWaited) setHasWaited(true)
  if (state === 'connecting') return <span>{t('endPlainWaits')}</span>
  return state === 'connected' && hasWaited && <span>{t('endPlainConnected')}</span>
}

function Action({ step }: { step: Step }) {
  const { t } = useTranslation('tour')
  const call = useCall()
  const dispatch = useDispatch()
  const getState = useGetState()
  const started = useApp(isStarted)
  const story = useApp(storyId)
  const hasOpenChat = useApp((state) => state.view === 'chats' && state.openChat === BOB)
  const phase = useApp(secretPhase)
  const toBob = () => dispatch({ type: 'chat.opened', chatId: BOB })
  const toSwitch = () => {
    flushSync(toBob)
    document.querySelector<HTMLElement>('[data-tour="switch"] [data-secret]')?.focus()
  }
  switch (step) {
    case 'hello':
      return hasOpenChat ? (
        <p>{t('helloWrite')}</p>
      ) : (
        <Button look="primary" onClick={toBob}>
          {t('helloAction')}
        </Button>
      )
    case 'secret':
      switch (phase) {
        case 'before':
          return (
            <Button look="primary" onClick={toSwitch}>
              {t('secret.beforeAction')}
            </Button>
          )
        case 'waiting':
          return null
        case 'secured':
          return (
            <Button look="primary" onClick={() => dispatch({ type: 'view.opened', view: 'relay' })}>
              {t('secret.securedAction')}
            </Button>
          )
      }
      return assertNever(phase)
    case 'break': {
      if (started || story === null) return null
      const start = async () => {
        toBob()
        await call('lab.play', { scenario: story, client: getState().hello?.user ?? 'alice' })
      }
      return (
        <Button look="primary" onClick={() => void start()}>
          {t('breakAction')}
        </Button>
      )
    }
    case 'end':
      return <Button onClick={() => dispatch({ type: 'view.opened', view: 'lab' })}>{t('endAction')}</Button>
    default:
      return assertNever(step)
  }
}
