/** On top of a secret thread: how it stands, in a sentence or two, and what can be done about it. */
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import type { SecretState } from '../../../../shared/contract/secret.ts'
import { assertNever } from '../../../../shared/util/assert-never.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { displayName } from '../../ui/display-name.ts'
import { Icon } from '../../ui/icon.tsx'
import { SealedEnvelope } from '../../ui/sealed-envelope.ts'
import { CompareDialog } from './compare-dialog.tsx'
import styles from './state-bar.module.css'
import { useStart } from './use-start.ts'

interface BarProps {
  chat: ChatSummary
  secret: SecretState
}

export function StateBar({ chat, secret }: BarProps) {
  const { t } = useTranslation('secret')
  const [comparing, setComparing] = useState(false)
  const bar = useRef<HTMLElement>(null)
  // What was pressed may be gone with the state it was for.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state is the reason to look
  useEffect(() => {
    if (document.activeElement === document.body) bar.current?.focus()
  }, [secret.state])
  const isCut = secret.state === 'changed' || secret.state === 'ended'
  return (
    <section ref={bar} tabIndex={-1} className={classNames(styles.bar, isCut && styles.cut)} aria-label={t('state')}>
      <Icon of={SealedEnvelope} />
      <p role="status" className={styles.words}>
        <Words chat={chat} secret={secret} />
      </p>
      <div className={styles.actions}>
        <Actions chat={chat} secret={secret} onCompare={() => setComparing(true)} />
      </div>
      {comparing && <CompareDialog chat={chat} secret={secret} onClose={() => setComparing(false)} />}
    </section>
  )
}

function Words({ chat, secret }: BarProps) {
  const { t } = useTranslation('secret')
  const format = useFormat()
  const name = displayName(chat.peer.handle)
  const hasWindowHere = useApp((state) => state.users.some(({ handle, hasWindow }) => handle === chat.peer.handle && hasWindow))
  switch (secret.state) {
    case 'waiting':
      return (
        <>
          {t('waiting', { name })} {hasWindowHere && t('waitingWindow')} {t('waitingRead')}
        </>
      )
    case 'asked':
      return t('asked', { name })
    case 'secured':
      return (
        <>
          {secret.compared === null ? t('secured') : t('securedCompared', { date: format.date(secret.compared) })}
          {secret.comparing && <strong> {t(comparingKeys[secret.comparing.phase], { name })}</strong>}
        </>
      )
    case 'changed':
      return t('changed', { name })
    case 'ended':
      return t(`ended.${secret.ended ?? 'by-peer'}`, { name })
    default:
      return assertNever(secret.state)
  }
}

const comparingKeys = { asked: 'comparingAsked', waiting: 'comparingWaiting', show: 'comparingShow' } as const

function Actions({ chat, secret, onCompare }: BarProps & { onCompare: () => void }) {
  const { t } = useTranslation('secret')
  const call = useCall()
  const start = useStart(chat.peer.handle)
  switch (secret.state) {
    case 'waiting':
    case 'asked':
      return null
    case 'secured':
    case 'changed':
      return (
        <>
          <Button
            look={secret.state === 'secured' && secret.compared !== null && !secret.comparing ? 'quiet' : 'plain'}
            onClick={onCompare}
          >
            {t('compare')}
          </Button>
          {secret.state === 'changed' && (
            <Button onClick={() => void call('secret.acceptKeys', { chatId: chat.id })}>{t('acceptKeys')}</Button>
          )}
        </>
      )
    case 'ended':
      return <Button onClick={() => void start()}>{t('startNew')}</Button>
    default:
      return assertNever(secret.state)
  }
}
