/** The four views. Each is a file of its own, loaded when first opened. */
import { lazy } from 'react'
import type { View } from '../state/state.ts'

export const viewComponents: Readonly<Record<View, ReturnType<typeof lazy>>> = {
  chats: lazy(() => import('./chats-view.tsx').then((file) => ({ default: file.ChatsView }))),
  path: lazy(() => import('../features/path/view.tsx').then((file) => ({ default: file.PathView }))),
  lab: lazy(() => import('../features/lab/view.tsx').then((file) => ({ default: file.LabView }))),
  relay: lazy(() => import('../features/relay/view.tsx').then((file) => ({ default: file.RelayView }))),
}
