/** The engine and the store, as components reach them. */
import { createContext, useCallback, useContext } from 'react'
import { useStore } from 'zustand'
import type { Backend, CoreCallName, contract, HostCallName } from '../../../shared/contract/api.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Input, Output } from '../../../shared/contract/port.ts'
import type { AppState } from './state.ts'
import type { AppStore, Dispatch } from './store.ts'

type CallName = CoreCallName | HostCallName
export type HostGroup = NonNullable<AppState['hello']>['groups'][number]

export interface AppContext {
  readonly backend: Backend
  readonly store: AppStore
  readonly dispatch: Dispatch
}

const Context = createContext<AppContext | null>(null)
export const AppProvider = Context.Provider

function useContextOfApp(): AppContext {
  const context = useContext(Context)
  if (!context) throw new Error('outside of AppProvider')
  return context
}

/** For events, and for calls whose failure the caller shows itself; else `useCall`. */
export function useBackend(): Backend {
  return useContextOfApp().backend
}

export function useDispatch(): Dispatch {
  return useContextOfApp().dispatch
}

/** Reads now, without rendering again on change: for event handlers. */
export function useGetState(): () => AppState {
  return useContextOfApp().store.getState
}

/** Renders again when what `select` picks changed (by identity: pick, do not build). */
export function useApp<T>(select: (state: AppState) => T): T {
  return useStore(useContextOfApp().store, select)
}

/** Whether this shell has the host ability. */
export function useHasGroup(group: HostGroup): boolean {
  return useApp((state) => state.hello?.groups.includes(group) ?? false)
}

/** Asks the engine; a failure is shown to the person in a sentence and answered with `null`. */
export function useCall(): <K extends CallName>(name: K, input: Input<typeof contract, K>) => Promise<Output<typeof contract, K> | null> {
  const { backend, dispatch } = useContextOfApp()
  return useCallback(
    async (name, input) => {
      try {
        return await backend.call(name, input)
      } catch (error) {
        const code = error instanceof BackendError ? error.code : 'internal'
        // The page about the closed connection says it better.
        if (code !== 'closed') dispatch({ type: 'failure.shown', code })
        return null
      }
    },
    [backend, dispatch],
  )
}
