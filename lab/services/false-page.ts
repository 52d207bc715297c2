/**
 * The page a lying answer leads to: plain HTTP only. It loads a script and a counter that tag and count whoever comes, as was
 * reported of the real one; the words are ours, and there is no emblem.
 */
import type { Duplex } from 'node:stream'
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Random } from '../../shared/util/random.ts'
import type { Connect } from '../engine/engine.ts'
import { webServer } from './web.ts'

export interface Tracker {
  /** People recorded since the last `clear`, each once. */
  readonly total: number
  countOf(who: string): number
  clear(): void
  readonly changed: Events<void>
}

const MARKUP = `<!doctype html>
<meta charset="utf-8">
<title>Access barred</title>
<h1>You have been sent here</h1>
<p>The name you asked for was answered with the address of this page. Your visit is being recorded under the subject of this page.</p>
<script src="/mark.js"></script>
<img src="/count.gif?subject=barred" alt="" width="1" height="1">
`
const SCRIPT = "document.cookie = document.cookie || 'seen=1'\n"
// The smallest GIF there is: one transparent pixel.
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

export function createTracker(): Tracker & { count(id: string, who: string): void } {
  const seen = new Map<string, string>()
  const changed = createEvents<void>()
  return {
    changed,
    get total() {
      return seen.size
    },
    countOf: (who) => [...seen.values()].filter((each) => each === who).length,
    clear() {
      seen.clear()
      changed.emit()
    },
    count(id, who) {
      if (seen.has(id)) return
      seen.set(id, who)
      changed.emit()
    },
  }
}

export function falsePage(tracker: ReturnType<typeof createTracker>, random: Random, pair: () => [Duplex, Duplex]): Connect {
  return webServer(pair, null, (request, response, from) => {
    const known = /(?:^|; *)visitor=([0-9a-f]{16})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1]
    const id = known ?? Buffer.from(random.bytes(8)).toString('hex')
    const headers: Record<string, string> = known ? {} : { 'Set-Cookie': `visitor=${id}; Path=/; Max-Age=34560000` }
    const { pathname } = new URL(request.url ?? '/', 'http://page.test')
    if (pathname === '/count.gif') {
      tracker.count(id, from.who)
      response.writeHead(200, { ...headers, 'Content-Type': 'image/gif' }).end(PIXEL)
    } else if (pathname === '/mark.js') response.writeHead(200, { ...headers, 'Content-Type': 'text/javascript' }).end(SCRIPT)
    else response.writeHead(200, { ...headers, 'Content-Type': 'text/html; charset=utf-8' }).end(MARKUP)
  })
}
