/** What came of a clicked link: the page's text, a warning that it would lead elsewhere, or a question before it leaves the app. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LinkOutcome } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useBackend, useCall, useDispatch, useHasGroup } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import styles from './link-sheet.module.css'

/** Give it the link as key. */
export function LinkSheet({ url }: { url: string }) {
  const { t } = useTranslation(['links', 'common'])
  const backend = useBackend()
  const dispatch = useDispatch()
  const [outcome, setOutcome] = useState<LinkOutcome | null>(null)
  const [bypass, setBypass] = useState(false)
  const close = () => dispatch({ type: 'link.clicked', url: null })

  useEffect(() => {
    let left = false
    backend.call('link.open', { url, bypass }).then(
      (answer) => !left && setOutcome(answer),
      (error: unknown) => {
        if (left) return
        dispatch({ type: 'failure.shown', code: error instanceof BackendError ? error.code : 'internal' })
        dispatch({ type: 'link.clicked', url: null })
      },
    )
    return () => {
      left = true
    }
  }, [backend, dispatch, url, bypass])

  const another = () => {
    setOutcome(null)
    setBypass(true)
  }
  if (!outcome) {
    return (
      <Dialog title={t('opening')} onClose={close} actions={<Button onClick={close}>{t('common:cancel')}</Button>}>
        <Address url={url} />
        <p role="status">{bypass ? t('openingByAnother') : t('checking')}</p>
      </Dialog>
    )
  }
  switch (outcome.outcome) {
    case 'reader':
      return <Reader page={outcome} onClose={close} />
    case 'stopped':
      return <Stopped stopped={outcome} onClose={close} onBypass={another} />
    case 'external':
      return <External url={outcome.url} onClose={close} />
    case 'missing':
      return <Notice title={t('missingTitle')} text={t('missingText')} url={outcome.url} onClose={close} />
    case 'unreachable':
      return <Notice title={t('unreachableTitle')} text={t('unreachableText')} url={outcome.url} onClose={close} />
  }
}

type Of<O extends LinkOutcome['outcome']> = Extract<LinkOutcome, { outcome: O }>

function Reader({ page, onClose }: { page: Of<'reader'>; onClose: () => void }) {
  const { t } = useTranslation('links')
  return (
    <Dialog wide title={page.title} onClose={onClose}>
      <p className={styles.by}>{t(`by.${page.by}`, { author: page.author })}</p>
      <article className={styles.page} dir="auto">
        {page.text}
      </article>
      <Address url={page.url} />
    </Dialog>
  )
}

function Stopped({ stopped, onClose, onBypass }: { stopped: Of<'stopped'>; onClose: () => void; onBypass: () => void }) {
  const { t } = useTranslation(['links', 'common'])
  const [why, setWhy] = useState(false)
  return (
    <Dialog
      title={t(`stopped.${stopped.reason}.title`)}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('common:cancel')}</Button>
          <Button aria-expanded={why} onClick={() => setWhy(!why)}>
            {t('why')}
          </Button>
          {stopped.canBypass && (
            <Button look="primary" onClick={onBypass}>
              {t('openByAnother')}
            </Button>
          )}
        </>
      }
    >
      <p className={styles.warning}>{t(`stopped.${stopped.reason}.text`)}</p>
      <Address url={stopped.url} />
      <div role="status">{why && <p>{t(`stopped.${stopped.reason}.why`)}</p>}</div>
    </Dialog>
  )
}

function External({ url, onClose }: { url: string; onClose: () => void }) {
  const { t } = useTranslation(['links', 'common'])
  const call = useCall()
  const canOpen = useHasGroup('openExternal') && url.startsWith('https://')
  const open = async () => {
    onClose()
    await call('host.openExternal', { url })
  }
  return (
    <Dialog
      title={t('externalTitle', { host: new URL(url).host })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('common:cancel')}</Button>
          <Button onClick={() => void navigator.clipboard.writeText(url).then(onClose)}>{t('copyAddress')}</Button>
          {canOpen && (
            <Button look="primary" onClick={() => void open()}>
              {t('openInBrowser')}
            </Button>
          )}
        </>
      }
    >
      <p>{url.startsWith('https://') ? t('externalText') : t('externalPlain')}</p>
      <Address url={url} />
    </Dialog>
  )
}

function Notice({ title, text, url, onClose }: { title: string; text: string; url: string; onClose: () => void }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <Address url={url} />
    </Dialog>
  )
}

function Address({ url }: { url: string }) {
  return (
    <p className={styles.address}>
      <bdi dir="ltr">{url}</bdi>
    </p>
  )
}
