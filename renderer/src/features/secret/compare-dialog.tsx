/** Comparing keys by another way than the chat: the number to read out, or seven pictures at the same time. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import type { Safety, SecretState } from '../../../../shared/contract/secret.ts'
import { useFormat } from '../../i18n/format.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { displayName } from '../../ui/display-name.ts'
import styles from './compare-dialog.module.css'
import { EmojiCompare } from './emoji-compare.tsx'

interface CompareDialogProps {
  chat: ChatSummary
  secret: SecretState
  onClose: () => void
}

export function CompareDialog({ chat, secret, onClose }: CompareDialogProps) {
  const { t } = useTranslation('secret')
  const format = useFormat()
  const call = useCall()
  const name = displayName(chat.peer.handle)
  const safety = useSafety(chat, secret)
  const decide = async (same: boolean) => {
    if (await call('secret.compared', { chatId: chat.id, same })) onClose()
  }
  return (
    <Dialog wide title={t('compareTitle', { name })} onClose={onClose}>
      <p>{t('compareText')}</p>
      {secret.compared !== null && <p>{t('compareBefore', { date: format.date(secret.compared) })}</p>}
      <section className={styles.part}>
        <h3>{t('numbers')}</h3>
        <p>{t('numbersText')}</p>
        {safety && (
          <>
            <ol className={styles.digits} dir="ltr" aria-label={t('safetyNumber')}>
              {safety.digits.map((group, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the same five digits may come twice; the place is what tells them apart
                <li key={index}>{group}</li>
              ))}
            </ol>
            <div className={styles.actions}>
              <Button look="danger" onClick={() => void decide(false)}>
                {t('notSame')}
              </Button>
              <Button onClick={() => void decide(true)}>{t('same')}</Button>
            </div>
          </>
        )}
      </section>
      <section className={styles.part}>
        <h3>{t('emoji')}</h3>
        <EmojiCompare chat={chat} comparing={secret.comparing} onDecide={(same) => void decide(same)} />
      </section>
    </Dialog>
  )
}

/** Read anew when the keys become others. */
function useSafety({ id: chatId }: ChatSummary, { state }: SecretState): Safety | null {
  const call = useCall()
  const [safety, setSafety] = useState<Safety | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys are others after such a change
  useEffect(() => {
    let left = false
    void call('secret.safety', { chatId }).then((found) => !left && setSafety(found))
    return () => {
      left = true
    }
  }, [call, chatId, state])
  return safety
}
