/** The links and web planes: pages for a browser, with nothing in them that could run or load anything. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { LinkPage } from '../shared/protocol/relay.ts'
import { type Reply, refusal } from './http.ts'
import type { Pages } from './store/pages.ts'

const style = `
:root { color-scheme: light dark; font: 18px/1.6 system-ui, sans-serif; }
body { max-width: 38rem; margin: 0 auto; padding: 2rem 1rem; }
p { white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-block-start: 3rem; opacity: .7; font-size: .8em; }
`
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
const htmlHeaders = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }

/** GET /<slug>: the page, as JSON for `accept: application/json`. */
export function linkReply(pages: Pages, { method, headers }: IncomingMessage, slug: string): Reply {
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'GET only.')
  const page = /^[\w-]{1,40}$/.test(slug) ? pages.find(slug) : null
  if (!page) return refusal(404, 'There is no such page.')
  return /\bapplication\/json\b/.test(headers.accept ?? '')
    ? { status: 200, headers: { 'content-type': 'application/json; charset=utf-8', vary: 'accept' }, body: JSON.stringify(page) }
    : { status: 200, headers: { ...htmlHeaders, vary: 'accept' }, body: linkHtml(page) }
}

/** GET /: says what answers here. */
export function webReply({ method }: IncomingMessage): Reply {
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'GET only.')
  const text = 'A messenger that says why it cannot connect, and gets through anyway. This is one of its relays.'
  return { status: 200, headers: htmlHeaders, body: html('Throughline', `<h1>Throughline</h1>\n<p>${text}</p>`) }
}

function linkHtml({ title, text, author, at }: LinkPage): string {
  const day = new Date(at).toISOString().slice(0, 10)
  return html(
    title,
    `<h1 dir="auto">${escapeHtml(title)}</h1>\n<p dir="auto">${escapeHtml(text)}</p>\n<footer><bdi>${escapeHtml(author)}</bdi> · <time datetime="${day}">${day}</time></footer>`,
  )
}

function html(title: string, body: string): string {
  return `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body>
${body}
</body></html>
`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
