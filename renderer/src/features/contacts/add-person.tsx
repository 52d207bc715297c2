/** Adding somebody: by their card, or as one more test user on this computer. */
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import * as v from 'valibot'
import { ContactCard, Handle } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useApp, useBackend, useDispatch, useHasGroup } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import parts from '../../ui/parts.module.css'
import styles from './contacts.module.css'

export function AddPersonDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('chats')
  const hasUsers = useHasGroup('users')
  return (
    <Dialog title={t('addTitle')} onClose={onClose}>
      <ByCard onClose={onClose} />
      {hasUsers && <TestUser onClose={onClose} />}
    </Dialog>
  )
}

/** What went wrong, as a sentence to show at the field. */
function useFaultText(): (error: unknown) => string {
  const { t } = useTranslation()
  return (error) => t(`error.${error instanceof BackendError ? error.code : 'internal'}`)
}

function ByCard({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('chats')
  const backend = useBackend()
  const dispatch = useDispatch()
  const faultText = useFaultText()
  const [card, setCard] = useState('')
  const [fault, setFault] = useState<string | null>(null)

  const add = async (event: FormEvent) => {
    event.preventDefault()
    const parsed = v.safeParse(ContactCard, card)
    if (!parsed.success) return setFault(t('cardFault'))
    const handle = parsed.output.split(':')[0]
    try {
      const chat = await backend.call('contact.add', { card: parsed.output })
      dispatch({ type: 'chat.changed', payload: chat })
      dispatch({ type: 'chat.opened', chatId: chat.id })
      onClose()
    } catch (error) {
      if (error instanceof BackendError && error.code === 'already-there') {
        dispatch({ type: 'chat.opened', chatId: `cloud:${handle}` })
        onClose()
      } else setFault(faultText(error))
    }
  }
  return (
    <form className={parts.part} onSubmit={(event) => void add(event)}>
      <Field
        mono
        data-autofocus=""
        label={t('cardLabel')}
        hint={t('cardHint')}
        fault={fault}
        value={card}
        onChange={(event) => {
          setCard(event.target.value)
          setFault(null)
        }}
      />
      <Button type="submit" look="primary">
        {t('add')}
      </Button>
    </form>
  )
}

function TestUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('chats')
  const backend = useBackend()
  const dispatch = useDispatch()
  const faultText = useFaultText()
  const users = useApp((state) => state.users)
  const chats = useApp((state) => state.chats)
  const self = useApp((state) => state.self?.handle)
  const [handle, setHandle] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const strangers = users.filter((user) => user.card !== null && user.handle !== self && !chats?.[`cloud:${user.handle}`])

  const take = async (card: string) => {
    const chat = await backend.call('contact.add', { card })
    dispatch({ type: 'chat.changed', payload: chat })
    dispatch({ type: 'chat.opened', chatId: chat.id })
    onClose()
  }
  const make = async (event: FormEvent) => {
    event.preventDefault()
    if (!v.is(Handle, handle)) return setFault(t('handleFault'))
    try {
      await take((await backend.call('users.add', { handle })).card)
    } catch (error) {
      setFault(faultText(error))
    }
  }
  return (
    <form className={parts.part} onSubmit={(event) => void make(event)}>
      <h3>{t('testUserTitle')}</h3>
      <p className={styles.about}>{t('testUserText')}</p>
      {strangers.map((user) => (
        <Button key={user.handle} onClick={() => void take(user.card ?? '').catch((error: unknown) => setFault(faultText(error)))}>
          {t('addKnown', { name: user.handle })}
        </Button>
      ))}
      <Field
        mono
        label={t('handleLabel')}
        hint={t('handleHint')}
        fault={fault}
        value={handle}
        onChange={(event) => {
          setHandle(event.target.value.toLowerCase())
          setFault(null)
        }}
      />
      <Button type="submit">{t('makeUser')}</Button>
    </form>
  )
}
