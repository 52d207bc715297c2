/** A message's text as text nodes and links. A link is asked about first; it never leads anywhere by itself. */
import { useMemo } from 'react'
import { useDispatch } from '../../state/backend.ts'
import { classNames } from '../../ui/class-names.ts'
import styles from './message.module.css'
import { isOnlyEmoji, textTokens } from './text-tokens.ts'

export function MessageText({ text, tabIndex }: { text: string; tabIndex: 0 | -1 }) {
  const dispatch = useDispatch()
  const tokens = useMemo(() => textTokens(text), [text])
  const large = useMemo(() => isOnlyEmoji(text), [text])
  const open = (url: string) => dispatch({ type: 'link.clicked', url })
  return (
    <p className={classNames(styles.text, large && styles.large)} dir="auto">
      {tokens.map((token) =>
        token.kind === 'text' ? (
          token.text
        ) : (
          <a
            key={token.at}
            role="link"
            tabIndex={tabIndex}
            dir="ltr"
            className={styles.link}
            // biome-ignore lint/a11y/useValidAnchor: with an href the browser could open it past our check, by its menu or the middle button
            onClick={() => open(token.url)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              event.stopPropagation()
              open(token.url)
            }}
          >
            {token.text}
          </a>
        ),
      )}
    </p>
  )
}
