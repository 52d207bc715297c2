/** One look for every icon. Icons never speak: the word stands beside them or in the control's name. */
import type { LucideIcon } from 'lucide-react'

export function Icon({ of: Drawing, size = 20, className }: { of: LucideIcon; size?: number; className?: string | undefined }) {
  return <Drawing size={size} strokeWidth={1.75} aria-hidden="true" focusable="false" {...(className && { className })} />
}
