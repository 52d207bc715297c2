/** Leaves this window out of screenshots while something secret is on it, where the shell can do that. */
import { useEffect } from 'react'
import type { Backend } from '../../../shared/contract/api.ts'
import { useBackend, useHasGroup } from './backend.ts'

/** How many places of a window show something secret. */
const shown = new WeakMap<Backend, number>()

export function useCaptureGuard(secret = true): void {
  const backend = useBackend()
  const can = useHasGroup('captureGuard')
  useEffect(() => {
    if (!can || !secret) return
    const change = (by: 1 | -1) => {
      const before = shown.get(backend) ?? 0
      shown.set(backend, before + by)
      // A shell that is gone shows no window either.
      if (before === 0 || before + by === 0) backend.call('host.guardCapture', { on: before === 0 }).catch(() => {})
    }
    change(1)
    return () => change(-1)
  }, [backend, can, secret])
}
