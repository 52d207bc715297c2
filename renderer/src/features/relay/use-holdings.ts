/** Asks the relay what it holds: when the view opens, when asked again, and once more when a connection comes back. */
import { useCallback, useEffect, useState } from 'react'
import type { Holdings } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useApp, useBackend } from '../../state/backend.ts'

export interface Asked {
  readonly holdings: Holdings | null
  readonly state: 'asking' | 'there' | 'not-connected' | 'failed'
  ask(): void
}

export function useHoldings(): Asked {
  const backend = useBackend()
  // Also the next connection after one that was cut under the question.
  const connection = useApp(({ path }) => (path?.status === 'connected' ? (path.lastSwitch?.at ?? 0) : null))
  const [answer, setAnswer] = useState<Pick<Asked, 'holdings' | 'state'>>({ holdings: null, state: 'asking' })
  const ask = useCallback(() => {
    setAnswer((before) => ({ ...before, state: 'asking' }))
    backend.call('relay.holdings', {}).then(
      (holdings) => setAnswer({ holdings, state: 'there' }),
      (error: unknown) => {
        const state = error instanceof BackendError && error.code === 'not-connected' ? 'not-connected' : 'failed'
        setAnswer((before) => ({ ...before, state }))
      },
    )
  }, [backend])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a connection that came back is what makes asking worth while again
  useEffect(ask, [ask, connection])
  return { ...answer, ask }
}
