/** The two live regions of a window, there before anything is said: `say` for changes of state, `log` for messages that arrive. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'

interface Announcer {
  say(text: string): void
  log(text: string): void
}

const AnnouncerContext = createContext<Announcer>({ say: () => {}, log: () => {} })

export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState('')
  const [logged, setLogged] = useState<readonly { id: number; text: string }[]>([])
  const log = useCallback((text: string) => setLogged((lines) => [...lines.slice(-4), { id: (lines.at(-1)?.id ?? 0) + 1, text }]), [])
  const announcer = useMemo(() => ({ say: setSaid, log }), [log])
  return (
    <AnnouncerContext value={announcer}>
      {children}
      <div className="hidden-text" role="status">
        {said}
      </div>
      <div className="hidden-text" role="log">
        {logged.map((line) => (
          <p key={line.id}>{line.text}</p>
        ))}
      </div>
    </AnnouncerContext>
  )
}

export function useAnnouncer(): Announcer {
  return useContext(AnnouncerContext)
}
