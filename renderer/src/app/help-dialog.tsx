/** Help: the tour again, and every shortcut. */
import { useTranslation } from 'react-i18next'
import { useApp, useCall, useHasGroup } from '../state/backend.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import styles from './help-dialog.module.css'
import { type Shortcut, shortcuts } from './shortcuts.ts'

const isMac = navigator.userAgent.includes('Mac OS')
const mod = isMac ? '⌘' : 'Ctrl'
const holds = { mod: [mod], modShift: [mod, 'Shift'], alt: [isMac ? '⌥' : 'Alt'], none: [] }

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings')
  const call = useCall()
  const hasLab = useHasGroup('lab')
  const enterSends = useApp((state) => state.settings?.enterSends ?? true)
  const again = async () => {
    onClose()
    await call('settings.set', { tourStep: 0 })
  }
  const keysOf = ({ with: held, key }: Shortcut) => [...holds[held], key.length === 1 ? key.toUpperCase() : (arrows[key] ?? key)]
  return (
    <Dialog title={t('helpTitle')} onClose={onClose}>
      {hasLab && (
        <div className={styles.tour}>
          <p>{t('tourAgainText')}</p>
          <Button onClick={() => void again()}>{t('tourAgain')}</Button>
        </div>
      )}
      <h3>{t('shortcuts')}</h3>
      <dl className={styles.table}>
        {shortcuts.map((shortcut) => (
          <Line key={shortcut.id} keys={keysOf(shortcut)} text={t(`shortcut.${shortcut.id}`)} />
        ))}
        <Line keys={enterSends ? ['Enter'] : ['Shift', 'Enter']} text={t('shortcut.send')} />
        <Line keys={enterSends ? ['Shift', 'Enter'] : ['Enter']} text={t('shortcut.break')} />
        <Line keys={[mod, 'Enter']} text={t('shortcut.sendAlways')} />
        <Line keys={['↑', '↓']} text={t('shortcut.rows')} />
      </dl>
    </Dialog>
  )
}

const arrows: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓' }

function Line({ keys, text }: { keys: readonly (string | null)[]; text: string }) {
  return (
    <div className={styles.line}>
      <dt dir="ltr">
        {keys
          .filter((key) => key !== null)
          .map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
      </dt>
      <dd>{text}</dd>
    </div>
  )
}
