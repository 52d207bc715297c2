/** HTTP servers in process: real bytes over the engine's streams, with TLS where there is a certificate. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Connect, Origin } from '../engine/engine.ts'
import type { Certificate } from './authority.ts'

export type Handle = (request: IncomingMessage, response: ServerResponse, from: Origin) => void

/** What becomes of a request to go over to another protocol (without: it is answered like any other), or of CONNECT (without: none). */
export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, from: Origin) => void

/** A Node HTTP server that listens nowhere: takes streams, each with where it came from. */
export function webOver(handle: Handle, upgrade?: HandleUpgrade, tunnel?: HandleUpgrade): (stream: Duplex, from: Origin) => void {
  const origins = new WeakMap<Duplex, Origin>()
  const server = createServer((request, response) => {
    const from = origins.get(request.socket)
    // Whoever asks for what is no address at all is told so here: handlers may read it as a URL.
    if (!URL.canParse(request.url ?? '/', 'http://here.test')) response.writeHead(400).end()
    else if (from) handle(request, response, from)
    else response.writeHead(500).end()
  })
  server.on('clientError', (_error, socket) => void socket.destroy())
  for (const [event, take] of [
    ['upgrade', upgrade],
    ['connect', tunnel],
  ] as const) {
    if (!take) continue
    server.on(event, (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const from = origins.get(socket)
      if (from) take(request, socket, head, from)
      else socket.destroy()
    })
  }
  return (stream, from) => {
    origins.set(stream, from)
    server.emit('connection', stream)
  }
}

/** Every connection becomes one of such a server, over TLS where there is a certificate. The handler is told where it came from. */
export function webServer(pair: () => [Duplex, Duplex], certificate: Certificate | null, handle: Handle): Connect {
  const serve = webOver(handle)
  const context = certificate ? createSecureContext(certificate) : null
  return (from) => {
    const [outer, inner] = pair()
    inner.on('error', () => {})
    let stream: Duplex = inner
    if (context) {
      const tls = new TLSSocket(inner, { isServer: true, secureContext: context, ALPNProtocols: ['http/1.1'] })
      tls.on('error', () => inner.destroy())
      stream = tls
    }
    serve(stream, from)
    return outer
  }
}

export function page(response: ServerResponse, status: number, title: string, text: string, headers: Record<string, string> = {}): void {
  const body = `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${text}</p>\n`
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', ...headers }).end(body)
}
