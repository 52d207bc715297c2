/** What can the relay read? The newest message of both threads side by side, as the relay has it, and what it learns of either. */
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatId, Handle } from '../../../../shared/contract/chat.ts'
import type { AtRelay } from '../../../../shared/contract/secret.ts'
import { useFormat } from '../../i18n/format.ts'
import { useApp, useCall, useDispatch } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { CloudAndSecret } from '../../ui/cloud-and-secret.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { displayName } from '../../ui/display-name.ts'
import styles from './relay-read.module.css'

export function RelayReadDialog({ handle, onClose }: { handle: Handle; onClose: () => void }) {
  const { t } = useTranslation('secret')
  const name = displayName(handle)
  const cloud = useAtRelay(`cloud:${handle}`)
  const dispatch = useDispatch()
  const toRelay = () => {
    onClose()
    dispatch({ type: 'view.opened', view: 'relay' })
  }
  const secret = useAtRelay(`secret:${handle}`)
  return (
    <Dialog wide title={t('relayRead')} onClose={onClose}>
      <p>{t('relayReadIntro', { name })}</p>
      <CloudAndSecret
        cloud={
          <Cell answer={cloud} name={name}>
            {t('relayNothing')}
          </Cell>
        }
        secret={
          <Cell answer={secret} name={name}>
            {secret.isThere ? t('relayNothing') : t('relayNoSecret', { name })}
          </Cell>
        }
      />
      <section className={styles.learns}>
        <h3>{t('relayLearns')}</h3>
        <ul>
          <li>{t('learnsWho', { name })}</li>
          <li>{t('learnsWhen')}</li>
          <li>{t('learnsSize')}</li>
          <li>{t('learnsAddress')}</li>
        </ul>
        <div>
          <Button onClick={toRelay}>{t('relayAll')}</Button>
        </div>
      </section>
    </Dialog>
  )
}

interface Answer {
  readonly isThere: boolean
  /** `undefined` until it came. */
  readonly atRelay: AtRelay | undefined
}

/** Asks again whenever the thread has something newer. */
function useAtRelay(chatId: ChatId): Answer {
  const call = useCall()
  const isThere = useApp((state) => state.chats?.[chatId] !== undefined)
  const last = useApp((state) => state.chats?.[chatId]?.last)
  const [atRelay, setAtRelay] = useState<AtRelay | undefined>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer message is the reason to ask again
  useEffect(() => {
    if (!isThere) return setAtRelay(null)
    let left = false
    void call('secret.atRelay', { chatId }).then((found) => !left && setAtRelay(found))
    return () => {
      left = true
    }
  }, [call, chatId, isThere, last])
  return { isThere, atRelay }
}

/** `children`: where there is nothing. */
function Cell({ answer: { atRelay }, name, children }: { answer: Answer; name: string; children: ReactNode }) {
  const { t } = useTranslation(['secret', 'common'])
  const format = useFormat()
  if (atRelay === undefined) return <p>{t('common:loading')}</p>
  if (atRelay === null) return <p className={styles.meta}>{children}</p>
  const time = format.time(atRelay.at)
  const from = atRelay.mine ? t('relayYou', { time }) : t('relayThem', { name, time })
  if (atRelay.kind === 'cloud') {
    return (
      <>
        <p className={styles.meta}>{from}</p>
        <p className={styles.label}>{t('relayWords')}</p>
        <p className={styles.words} dir="auto">
          {atRelay.text}
        </p>
      </>
    )
  }
  return (
    <>
      <p className={styles.meta}>{t('packet', { count: atRelay.bytes, time })}</p>
      <p className={styles.label}>{t('packetHead')}</p>
      <p className={styles.words}>
        <bdi dir="ltr">{atRelay.head.replaceAll(/(..)(?=.)/g, '$1 ')}</bdi>
      </p>
      <p className={styles.meta}>{t('packetForgotten')}</p>
    </>
  )
}
