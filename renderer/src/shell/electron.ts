/** The port inside Electron: frames over the one channel that the preload exposes. It closes only with the window. */
import type { Frame } from '../../../shared/contract/port.ts'
import type { Shell } from './shell.ts'

export interface PreloadBridge {
  send(frame: Frame): void
  onFrame(listener: (raw: unknown) => void): void
}

declare global {
  interface Window {
    readonly throughline?: PreloadBridge
  }
}

export function electronShell(bridge: PreloadBridge): Shell {
  return {
    open: () =>
      Promise.resolve({
        port: { send: (frame) => bridge.send(frame), onFrame: (listener) => bridge.onFrame(listener), onClose: () => {}, close: () => {} },
        closedBecause: () => 'gone',
      }),
  }
}
