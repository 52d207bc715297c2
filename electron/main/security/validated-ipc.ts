/** Messages from pages to the main process: taken only from the top frame of our own origin, then handed on as a Port. */
import { ipcMain } from 'electron/main'
import { FRAME_CHANNEL, PAGE_OPENED } from '../../../shared/contract/electron-channel.ts'
import { type Frame, type Port, parseFrame } from '../../../shared/contract/port.ts'
import { isOwnUrl } from './own-url.ts'

interface SenderFrame {
  readonly url: string
  readonly parent: unknown
}

/** A frame that is gone, embedded, or not ours has no say. */
export function isTrustedSender(frame: SenderFrame | null): boolean {
  return frame !== null && frame.parent === null && isOwnUrl(frame.url)
}

interface PageSession {
  receive(raw: unknown): void
  end(): void
}

/** Calls `onOpen` with a fresh port each time a page of web contents `id` loads; the port of the page before it closes. */
export function acceptPages(onOpen: (id: number, port: Port) => void): void {
  const sessions = new Map<number, PageSession>()
  ipcMain.on(FRAME_CHANNEL, (event, raw: unknown) => {
    if (!isTrustedSender(event.senderFrame)) return
    const { sender } = event
    if (raw !== PAGE_OPENED) {
      sessions.get(sender.id)?.receive(raw)
      return
    }
    const before = sessions.get(sender.id)
    before?.end()
    if (!before) {
      sender.once('destroyed', () => {
        sessions.get(sender.id)?.end()
        sessions.delete(sender.id)
      })
    }
    const { session, port } = openSession((frame) => {
      if (!sender.isDestroyed()) sender.send(FRAME_CHANNEL, frame)
    })
    sessions.set(sender.id, session)
    onOpen(sender.id, port)
  })
}

function openSession(deliver: (frame: Frame) => void): { session: PageSession; port: Port } {
  let onFrame: (raw: unknown) => void = () => {}
  const onClose: (() => void)[] = []
  let open = true
  const end = () => {
    if (!open) return
    open = false
    for (const listener of onClose) listener()
  }
  return {
    session: {
      receive: (raw) => {
        const frame = open ? parseFrame(raw) : null
        if (frame) onFrame(frame)
      },
      end,
    },
    port: {
      send: (frame) => {
        if (open) deliver(frame)
      },
      onFrame: (listener) => {
        onFrame = listener
      },
      onClose: (listener) => void onClose.push(listener),
      close: end,
    },
  }
}
