/** Where to: the four views, and behind "More" what is needed now and then. */
import {
  Ellipsis,
  FlaskConical,
  IdCard,
  Keyboard,
  Laptop,
  Lock,
  type LucideIcon,
  MessagesSquare,
  Route,
  Server,
  Settings,
  UserPlus,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../i18n/format.ts'
import { useApp, useDispatch } from '../state/backend.ts'
import { type Sheet, type View, views } from '../state/state.ts'
import { useLock } from '../state/use-lock.ts'
import { Icon } from '../ui/icon.tsx'
import { Menu, type MenuItem } from '../ui/menu.tsx'
import styles from './rail.module.css'

const icons: Readonly<Record<View, LucideIcon>> = { chats: MessagesSquare, path: Route, lab: FlaskConical, relay: Server }
const labels = { chats: 'viewChats', path: 'viewPath', lab: 'viewLab', relay: 'viewRelay' } as const

export function Rail() {
  const { t } = useTranslation()
  const dispatch = useDispatch()
  const open = useApp((state) => state.view)
  const canLock = useApp((state) => state.profile?.passphrase ?? false)
  const lock = useLock()
  const sheet = (id: Sheet, label: string, icon: LucideIcon): MenuItem => ({
    id,
    label,
    icon,
    act: () => dispatch({ type: 'sheet.opened', sheet: id }),
  })
  return (
    <nav className={styles.rail} aria-label={t('views')}>
      {views.map((view) => (
        <button
          key={view}
          type="button"
          className={styles.item}
          data-view={view}
          aria-current={view === open ? 'page' : undefined}
          onClick={() => dispatch({ type: 'view.opened', view })}
        >
          <Icon of={icons[view]} />
          {t(labels[view])}
          {view === 'chats' && <UnreadBadge />}
        </button>
      ))}
      <div className={styles.end}>
        <Menu
          label={t('more')}
          className={styles.item}
          items={[
            sheet('add', t('addPerson'), UserPlus),
            sheet('card', t('myCard'), IdCard),
            sheet('account', t('otherComputer'), Laptop),
            sheet('settings', t('settings'), Settings),
            sheet('help', t('keyboardHelp'), Keyboard),
            ...(canLock ? [{ id: 'lock', label: t('lock'), icon: Lock, act: lock }] : []),
          ]}
        >
          <Icon of={Ellipsis} />
          {t('more')}
        </Menu>
      </div>
    </nav>
  )
}

/** Chats with something unread. */
function UnreadBadge() {
  const { t } = useTranslation('chats')
  const format = useFormat()
  const count = useApp((state) => Object.values(state.chats ?? {}).filter((chat) => chat.unread > 0).length)
  if (count === 0) return null
  return (
    <span className={styles.badge}>
      <span aria-hidden="true">{format.number(count)}</span>
      <span className="hidden-text">{t('unreadChats', { count })}</span>
    </span>
  )
}
