/** One TLS port, several host names: which plane answers is decided by the name asked for, as the current offer says. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Bundle, Endpoint } from '../shared/protocol/bundle.ts'
import { TUNNEL_PATH } from '../shared/protocol/tunnel.ts'
import type { Certificate } from './certificate.ts'
import { CHAT_PATH, type Chat } from './chat.ts'
import { type Reply, refusal, send } from './http.ts'
import { MEDIA_PATH, type Media } from './media.ts'
import { linkReply, webReply } from './pages.ts'
import type { Pages } from './store/pages.ts'
import type { Tunnels } from './tunnel.ts'

type Plane = Endpoint['plane']

export interface ServerParts {
  readonly chat: Chat
  readonly media: Media
  readonly tunnels: Tunnels
  readonly pages: Pages
  readonly current: () => { readonly bundle: Bundle; readonly signed: unknown }
}

/** Large uploads over bad lines take their time. */
const REQUEST_TIMEOUT_MS = 30 * 60_000

export function createTlsServer(certificate: Certificate): Server {
  return createServer({
    ...certificate,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    headersTimeout: 10_000,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handshakeTimeout: 10_000,
  })
}

export function servePlanes(server: Server, parts: ServerParts): void {
  server.on('request', (request, response) => route(request, response, parts))
  server.on('upgrade', (request, socket, head) => {
    // Without a listener, a reset between here and engine.io's own would be thrown.
    socket.on('error', () => socket.destroy())
    const isChat = request.url?.startsWith(CHAT_PATH) && planesOf(request, parts.current().bundle).has('chat')
    if (isChat) parts.chat.upgrade(request, socket, head)
    else if (request.url === TUNNEL_PATH && isKnown(request, parts)) parts.tunnels.upgrade(request, socket, head)
    else socket.end('HTTP/1.1 421 Misdirected Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
}

/** Gives the server connections. Resolves with the port once it does; rejects with the system's error. */
export type Listen = (server: Server, host: string, port: number) => Promise<number>

export const listen: Listen = (server, host, port) =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const { port: actual } = server.address() as AddressInfo // Listening on TCP, so it is one.
      resolve(actual)
    })
  })

function route(request: IncomingMessage, response: ServerResponse, parts: ServerParts): void {
  const planes = planesOf(request, parts.current().bundle)
  const [path = '/'] = (request.url ?? '/').split('?')
  if (planes.has('chat') && path.startsWith(CHAT_PATH)) parts.chat.request(request, response)
  else if (path.startsWith(TUNNEL_PATH) && isKnown(request, parts)) parts.tunnels.request(request, response, path.slice(TUNNEL_PATH.length))
  else if (planes.has('media') && path.startsWith(MEDIA_PATH)) parts.media.handle(request, response, path.slice(MEDIA_PATH.length))
  else send(request, response, smallReply(request, planes, path, parts))
}

function smallReply(request: IncomingMessage, planes: ReadonlySet<Plane>, path: string, { pages, current }: ServerParts): Reply {
  // RFC 9110 section 15.5.20: a name that this relay does not answer for.
  if (planes.size === 0) return refusal(421, 'This name is not served here.')
  if (planes.has('bootstrap') && path === '/bundle.json') {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(current().signed) }
  }
  if (planes.has('web') && path === '/') return webReply(request)
  if (planes.has('links')) return linkReply(pages, request, path.slice(1))
  return refusal(404, 'Nothing here.')
}

/** Whether it asks for a name of ours, or one by which a front knows us. */
function isKnown(request: IncomingMessage, { current }: ServerParts): boolean {
  const host = hostOf(request)
  return current().bundle.endpoints.some((endpoint) => endpoint.host === host || endpoint.fronts?.some(({ service }) => service === host))
}

/** The planes that the offer puts under the name in `Host` (RFC 9110 section 7.2). */
function planesOf(request: IncomingMessage, bundle: Bundle): ReadonlySet<Plane> {
  return new Set(bundle.endpoints.filter((endpoint) => endpoint.host === hostOf(request)).map((endpoint) => endpoint.plane))
}

function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
}
