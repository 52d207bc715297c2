/** The window's one store: zustand around the pure reducer. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { reduce } from './reduce.ts'
import { type AppEvent, type AppState, initialState } from './state.ts'

export type AppStore = StoreApi<AppState>
export type Dispatch = (event: AppEvent) => void

export function createAppStore(): { store: AppStore; dispatch: Dispatch } {
  const store = createStore<AppState>(() => initialState)
  return { store, dispatch: (event) => store.setState((state) => reduce(state, event), true) }
}
