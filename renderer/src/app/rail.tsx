/** Where to: the four views. */
import { FlaskConical, type LucideIcon, MessagesSquare, Route, Server } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useApp, useDispatch } from '../state/backend.ts'
import { type View, views } from '../state/state.ts'
import { Icon } from '../ui/icon.tsx'
import styles from './rail.module.css'

const icons: Readonly<Record<View, LucideIcon>> = { chats: MessagesSquare, path: Route, lab: FlaskConical, relay: Server }
const labels = { chats: 'viewChats', path: 'viewPath', lab: 'viewLab', relay: 'viewRelay' } as const

export function Rail() {
  const { t } = useTranslation()
  const dispatch = useDispatch()
  const open = useApp((state) => state.view)
  return (
    <nav className={styles.rail} aria-label={t('views')}>
      {views.map((view) => (
        <button
          key={view}
          type="button"
          className={styles.item}
          aria-current={view === open ? 'page' : undefined}
          onClick={() => dispatch({ type: 'view.opened', view })}
        >
          <Icon of={icons[view]} />
          {t(labels[view])}
        </button>
      ))}
    </nav>
  )
}
