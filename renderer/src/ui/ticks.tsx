/** Where one of our messages stands, as a mark that differs by form and the word for those who cannot see it. */
import { Clock3 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Delivery } from '../../../shared/contract/chat.ts'
import { Icon } from './icon.tsx'
import styles from './ticks.module.css'

export function Ticks({ delivery, label = true }: { delivery: Delivery; label?: boolean }) {
  const { t } = useTranslation('chats')
  // A failure is said in words where it is shown.
  if (delivery.state === 'failed') return null
  return (
    <span className={styles.ticks} data-delivery={delivery.state}>
      <Mark state={delivery.state} />
      {label && <span className="hidden-text">{t(`delivery.${delivery.state}`)}</span>}
    </span>
  )
}

function Mark({ state }: { state: Exclude<Delivery['state'], 'failed'> }) {
  switch (state) {
    case 'queued':
      return <Icon of={Clock3} size={14} />
    case 'sent':
      return <Strokes paths={['M6 8l3 3 6-7']} />
    case 'delivered':
      return <Strokes paths={['M2 8l3 3 6-7', 'M9 11l6-7']} />
    case 'read':
      return <Strokes read paths={['M2 6.5l3 3 6-7', 'M9 9.5l6-7', 'M2 13h14']} />
  }
}

function Strokes({ paths, read = false }: { paths: readonly string[]; read?: boolean }) {
  return (
    <svg className={read ? styles.read : undefined} width="18" height="14" viewBox="0 0 18 14" aria-hidden="true">
      {paths.map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  )
}
