/** DNS over HTTPS (RFC 8484): GET and POST at /dns-query, one message each. */
import type { Duplex } from 'node:stream'
import type { Connect } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import type { Certificate } from './authority.ts'
import { type Resolver, wayTo } from './resolver.ts'
import { webServer } from './web.ts'

const TYPE = 'application/dns-message'
const MAX_MESSAGE = 4096

export function dohServer(resolver: Resolver, host: Host, certificate: Certificate, pair: () => [Duplex, Duplex]): Connect {
  return webServer(pair, certificate, (request, response, from) => {
    const refuse = (status: number) => void response.writeHead(status).end()
    const answer = (query: Uint8Array) => {
      const message = resolver.answer(wayTo(from, host.addresses[0] ?? '', 443, host.provider), query)
      if (!message) return refuse(400)
      // RFC 8484 section 5.1: no fresher than the records in it.
      response.writeHead(200, { 'Content-Type': TYPE, 'Cache-Control': 'max-age=60', 'Content-Length': message.length }).end(message)
    }
    const url = new URL(request.url ?? '/', 'https://doh.test')
    if (url.pathname !== '/dns-query') return refuse(404)
    if (request.method === 'GET') {
      const text = url.searchParams.get('dns')
      return text === null || text.length > MAX_MESSAGE ? refuse(400) : answer(Buffer.from(text, 'base64url'))
    }
    if (request.method !== 'POST') return refuse(405)
    if (request.headers['content-type'] !== TYPE) return refuse(415)
    const parts: Buffer[] = []
    let size = 0
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size <= MAX_MESSAGE) parts.push(part)
    })
    request.on('end', () => (size > MAX_MESSAGE ? refuse(413) : answer(Buffer.concat(parts))))
  })
}
