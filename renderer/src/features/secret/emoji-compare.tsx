/** Seven pictures that both people see at the same time, with names to say on a call. */
import { useTranslation } from 'react-i18next'
import type { ChatSummary } from '../../../../shared/contract/chat.ts'
import type { Comparing } from '../../../../shared/contract/secret.ts'
import { useCall } from '../../state/backend.ts'
import { Button } from '../../ui/button.tsx'
import { displayName } from '../../ui/display-name.ts'
import styles from './compare-dialog.module.css'
import { comparedEmoji } from './emoji.ts'

interface EmojiCompareProps {
  chat: ChatSummary
  comparing: Comparing | null
  onDecide: (same: boolean) => void
}

export function EmojiCompare({ chat, comparing, onDecide }: EmojiCompareProps) {
  const { t } = useTranslation(['secret', 'emoji'])
  const call = useCall()
  const name = displayName(chat.peer.handle)
  const compare = () => void call('secret.compare', { chatId: chat.id })
  if (comparing?.phase === 'show') {
    return (
      <>
        <ol className={styles.symbols} aria-label={t('emojiList')}>
          {comparing.symbols.map((number, index) => {
            const symbol = comparedEmoji[number]
            return (
              symbol && (
                // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may come twice; the place is what tells them apart
                <li key={index} className={styles.symbol}>
                  <span className={styles.picture} aria-hidden="true">
                    {symbol.picture}
                  </span>
                  {t(`emoji:symbol.${symbol.name}`)}
                </li>
              )
            )
          })}
        </ol>
        <div className={styles.actions}>
          <Button look="danger" onClick={() => onDecide(false)}>
            {t('differ')}
          </Button>
          <Button look="primary" onClick={() => onDecide(true)}>
            {t('match')}
          </Button>
        </div>
      </>
    )
  }
  const words =
    comparing === null ? t('emojiText') : comparing.phase === 'asked' ? t('comparingAsked', { name }) : t('emojiWaiting', { name })
  return (
    <>
      <p role="status">{words}</p>
      {comparing?.phase !== 'waiting' && (
        <div className={styles.actions}>
          <Button onClick={compare}>{comparing === null ? t('emojiStart') : t('emojiAgree')}</Button>
        </div>
      )}
    </>
  )
}
