/** The whole of what a page can reach: one object that sends frames and hears them. Bundled into one CommonJS file, for it runs sandboxed. */
import { contextBridge, ipcRenderer } from 'electron/renderer'
import { FRAME_CHANNEL, PAGE_OPENED } from '../../shared/contract/electron-channel.ts'

let listener: ((raw: unknown) => void) | null = null
const early: unknown[] = []

// The event object carries the sender and never crosses into the page.
ipcRenderer.on(FRAME_CHANNEL, (_event, raw: unknown) => {
  if (listener) listener(raw)
  else early.push(raw)
})

contextBridge.exposeInMainWorld(
  'throughline',
  Object.freeze({
    send: (frame: unknown) => ipcRenderer.send(FRAME_CHANNEL, frame),
    onFrame: (next: (raw: unknown) => void) => {
      listener = next
      // After the page has set up whatever else belongs to its port.
      queueMicrotask(() => {
        for (const raw of early.splice(0)) next(raw)
      })
    },
  }),
)

ipcRenderer.send(FRAME_CHANNEL, PAGE_OPENED)
