/** Opens the port of the shell and opens it again when it closed. A new port is a new session with a new store. */
import { useEffect, useState } from 'react'
import { type Backend, contract } from '../../../shared/contract/api.ts'
import { connect } from '../../../shared/contract/port.ts'
import { systemClock, type Timer } from '../../../shared/util/clock.ts'
import type { ClosedBecause, Shell } from '../shell/shell.ts'
import { startSession } from '../state/session.ts'
import { type AppStore, createAppStore, type Dispatch } from '../state/store.ts'

const RETRY_MS = 2_000

export interface Session {
  readonly backend: Backend
  readonly store: AppStore
  readonly dispatch: Dispatch
}

export type Connection = { state: 'opening' } | { state: 'open'; session: Session } | { state: 'closed'; because: ClosedBecause }

/** `again` opens at once, also where nothing is tried by itself. */
export function useConnection(shell: Shell): { connection: Connection; again: () => void } {
  const [connection, setConnection] = useState<Connection>({ state: 'opening' })
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt is what runs this again
  useEffect(() => {
    let left = false
    let timer: Timer | undefined
    let end = () => {}
    const closed = (because: ClosedBecause) => {
      if (left) return
      setConnection({ state: 'closed', because })
      // Where the person opened it elsewhere or may not enter, trying by itself would only steal it back or fail again.
      if (because === 'gone') timer = systemClock.after(RETRY_MS, () => setAttempt((count) => count + 1))
    }
    void shell.open().then((opened) => {
      if ('refused' in opened) return closed(opened.refused)
      if (left) return opened.port.close()
      const backend = connect(contract, opened.port)
      const { store, dispatch } = createAppStore()
      const stop = startSession(backend, store, dispatch)
      backend.onClosed(() => closed(opened.closedBecause()))
      end = () => {
        stop()
        opened.port.close()
      }
      setConnection({ state: 'open', session: { backend, store, dispatch } })
    })
    return () => {
      left = true
      timer?.cancel()
      end()
    }
  }, [shell, attempt])

  return { connection, again: () => setAttempt((count) => count + 1) }
}
