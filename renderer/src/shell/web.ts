/** The port of a browser window: a WebSocket to the loopback server that served the page, entered with a one-time token. */
import { frameFromText, frameToText } from '../../../shared/contract/frame-text.ts'
import type { ClosedBecause, Opened, Shell } from './shell.ts'

/** Close codes of the loopback server (electron/web). */
const OPENED_ELSEWHERE = 4001
const NOT_ALLOWED = 4003

/** What is used of the window. */
export interface PageAddress {
  readonly location: Pick<Location, 'host' | 'hash' | 'pathname' | 'protocol'>
  readonly history: Pick<History, 'replaceState'>
}

export function webShell(page: PageAddress): Shell {
  return {
    async open() {
      const entered = await exchangeToken(page)
      if (entered !== 'ok') return { refused: entered }
      return openSocket(`${page.location.protocol === 'https:' ? 'wss' : 'ws'}://${page.location.host}/port`)
    },
  }
}

/** The token in the fragment becomes a cookie and leaves the address bar, so that it is neither kept in history nor copied along. */
async function exchangeToken({ location, history }: PageAddress): Promise<'ok' | ClosedBecause> {
  const token = location.hash.slice(1)
  if (!token) return 'ok'
  history.replaceState(null, '', location.pathname)
  try {
    const answer = await fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    // A used-up token is no obstacle if this browser already has the cookie: the socket decides.
    return answer.ok || answer.status === 401 || answer.status === 403 ? 'ok' : 'refused'
  } catch {
    return 'gone'
  }
}

function openSocket(url: string): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url)
    const onClose: (() => void)[] = []
    let onFrame: (raw: unknown) => void = () => {}
    const early: unknown[] = []
    let listening = false
    let because: ClosedBecause = 'gone'

    socket.onmessage = ({ data }) => {
      const raw = typeof data === 'string' ? frameFromText(data) : null
      if (listening) onFrame(raw)
      else early.push(raw)
    }
    socket.onclose = ({ code }) => {
      because = code === OPENED_ELSEWHERE ? 'elsewhere' : code === NOT_ALLOWED ? 'refused' : 'gone'
      resolve({ refused: because })
      for (const listener of onClose) listener()
    }
    socket.onopen = () =>
      resolve({
        port: {
          send: (frame) => {
            if (socket.readyState === WebSocket.OPEN) socket.send(frameToText(frame))
          },
          onFrame(listener) {
            onFrame = listener
            listening = true
            // The server greets at once. What came before is handed over once the caller has set up its own listeners.
            queueMicrotask(() => {
              for (const raw of early.splice(0)) listener(raw)
            })
          },
          onClose: (listener) => void onClose.push(listener),
          close: () => socket.close(),
        },
        closedBecause: () => because,
      })
  })
}
