/**
 * Two bridges that look like an ordinary web site to whoever does not know better. The one is an HTTP proxy inside TLS, what
 * browsers call an HTTPS proxy: CONNECT with credentials opens a tunnel. The other carries a stream in a WebSocket on a path that is
 * a secret (as WebTunnel does). Both forward to where their configuration says and nowhere else.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Connect } from '../engine/engine.ts'
import type { Certificate } from './authority.ts'
import { headOf } from './cdn.ts'
import { isKnown } from './http-connect.ts'
import { dialFor, join, type ProxyDeps } from './proxy.ts'
import { sitePages } from './site.ts'
import { endTls } from './tls-end.ts'
import { webOver } from './web.ts'

/** CONNECT is what known users say; everybody else meets what a site does with a method it has no use for. */
export function tlsBridge(deps: ProxyDeps, certificate: Certificate): Connect {
  const { host } = deps
  const tunnel = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(request.url ?? '')
    if (!asked || (host.users && !isKnown(host.users, `\r\nproxy-authorization: ${request.headers['proxy-authorization'] ?? ''}\r\n`))) {
      socket.destroy()
      return
    }
    dialFor(deps, (asked[1] ?? '').replace(/^\[|\]$/g, ''), Number(asked[2])).then(
      (far) => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        if (head.length > 0) socket.unshift(head)
        join(socket, far)
      },
      () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    )
  }
  return overTls(deps, certificate, webOver(sitePages(host.title, host.what), undefined, tunnel))
}

/** A WebSocket on the path carries a stream to the one target; every other request is a site's, byte for byte. */
export function webSocketBridge(deps: ProxyDeps, certificate: Certificate): Connect {
  const { host } = deps
  const pages = sitePages(host.title, host.what)
  const site = webOver(pages)
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const serve = webOver(pages, (request, socket, head, from) => {
    const { bridge } = host
    if (!bridge || request.url !== bridge.path) {
      // As a server that knows nothing of WebSockets: it answers the request and leaves the upgrade be.
      socket.unshift(Buffer.concat([Buffer.from(headOf(request)), head]))
      site(socket, from)
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket)
      stream.on('error', () => {})
      dialFor(deps, bridge.to, bridge.port).then(
        (far) => join(stream, far),
        () => webSocket.close(1011),
      )
    })
  })
  return overTls(deps, certificate, serve)
}

function overTls({ engine, pair }: ProxyDeps, certificate: Certificate, serve: ReturnType<typeof webOver>): Connect {
  return (from) => {
    const [outer, inner] = pair()
    endTls(
      engine.pulse,
      inner,
      () => certificate,
      (near) => serve(near, from),
    )
    return outer
  }
}
