/** A button that opens a list of actions, on the native popover: Escape and a click elsewhere close it, arrows move within. */
import { Check, type LucideIcon } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Icon } from './icon.tsx'
import styles from './menu.module.css'

export interface MenuItem {
  id: string
  label: string
  icon?: LucideIcon
  disabled?: boolean
  danger?: boolean
  /** One of several, of which one holds. */
  checked?: boolean
  act: () => void
}

interface MenuProps {
  /** What the button is called; `children` is what it shows. */
  label: string
  children: ReactNode
  items: readonly MenuItem[]
  className?: string | undefined
  /** -1 where the row around it is the tab stop. */
  tabIndex?: 0 | -1
}

const choosable = ':is([role="menuitem"], [role="menuitemradio"]):not(:disabled)'

export function Menu({ label, children, items, className, tabIndex = 0 }: MenuProps) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  const isChoice = items.some(({ checked }) => checked !== undefined)

  const move = (event: KeyboardEvent) => {
    const choices = [...(list.current?.querySelectorAll<HTMLElement>(choosable) ?? [])]
    const at = document.activeElement instanceof HTMLElement ? choices.indexOf(document.activeElement) : -1
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    event.stopPropagation()
    if (next === undefined) return
    event.preventDefault()
    choices.at(next % choices.length)?.focus()
  }

  return (
    <>
      <button
        type="button"
        className={className}
        popoverTarget={id}
        aria-haspopup="menu"
        aria-label={label}
        title={label}
        tabIndex={tabIndex}
      >
        {children}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className={styles.menu}
        onKeyDown={move}
        // Rows of a long list each have a menu: its items are drawn only while it is open.
        onBeforeToggle={(event) => {
          if (event.newState === 'open') flushSync(() => setOpen(true))
        }}
        onToggle={(event) => {
          if (event.newState === 'open') list.current?.querySelector<HTMLElement>(choosable)?.focus()
          // Only now: the browser gives the focus back from an item that is still there.
          else setOpen(false)
        }}
      >
        {isOpen &&
          items.map((item) => (
            <button
              key={item.id}
              type="button"
              {...(item.checked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': item.checked })}
              tabIndex={-1}
              disabled={item.disabled}
              className={item.danger ? styles.danger : undefined}
              onClick={() => {
                list.current?.hidePopover()
                item.act()
              }}
            >
              {item.icon && <Icon of={item.icon} />}
              {isChoice && <Icon of={Check} className={item.checked ? undefined : styles.unchecked} />}
              {item.label}
            </button>
          ))}
      </div>
    </>
  )
}
