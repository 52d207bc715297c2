/** Begins a secret chat with a person. Where one lives already, for the other side was quicker, that is as good. */
import type { Handle } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { useBackend, useDispatch } from '../../state/backend.ts'

/** Answers whether there is one now; a failure is shown. */
export function useStart(handle: Handle): () => Promise<boolean> {
  const backend = useBackend()
  const dispatch = useDispatch()
  return async () => {
    try {
      dispatch({ type: 'chat.changed', payload: await backend.call('secret.start', { handle }) })
      return true
    } catch (error) {
      const code = error instanceof BackendError ? error.code : 'internal'
      if (code === 'already-there') return true
      dispatch({ type: 'failure.shown', code })
      return false
    }
  }
}
