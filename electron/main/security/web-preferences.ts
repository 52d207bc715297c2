/** What a page may do in its process. Every switch that matters is written down, also where it is Electron's default. */
import type { WebPreferences } from 'electron/main'

export function webPreferences(preload: string) {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  } as const satisfies WebPreferences
}
