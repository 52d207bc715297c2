/** Ordinary sites of other people: neighbours in a cloud, and the unrelated ones a client compares with. */
import type { Duplex } from 'node:stream'
import type { Connect } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import type { Certificate } from './authority.ts'
import { type Handle, page, webServer } from './web.ts'

/** What a site shows on every path. */
export function sitePages(title: string, what: string): Handle {
  return (request, response) => {
    if (request.url === '/health') response.writeHead(200, { 'Content-Type': 'text/plain' }).end('well\n')
    else page(response, 200, title, `This stands for ${what || 'a site'} in a simulated internet.`)
  }
}

/** Files that somebody left at a site, by host name and path. */
export interface Shelves {
  fileAt(name: string, path: string): string | null
  /** In place of whatever lay there; `null` takes it away. */
  put(name: string, path: string, text: string | null): void
}

export function createShelves(): Shelves {
  const files = new Map<string, string>()
  return {
    fileAt: (name, path) => files.get(`${name}${path}`) ?? null,
    put: (name, path, text) => void (text === null ? files.delete(`${name}${path}`) : files.set(`${name}${path}`, text)),
  }
}

export function site(
  host: Host,
  certificate: Certificate,
  shelves: Shelves,
  pair: () => [Duplex, Duplex],
): { readonly https: Connect; readonly http: Connect } {
  const pages = sitePages(host.title, host.what)
  return {
    https: webServer(pair, certificate, (request, response, from) => {
      const file = host.names.map((name) => shelves.fileAt(name, request.url ?? '/')).find((text) => text !== null)
      if (file === undefined || file === null) return pages(request, response, from)
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(file) }).end(file)
    }),
    // RFC 8952 and every browser's portal check: an empty 204 over plain HTTP proves that nobody redirects.
    http: webServer(pair, null, (request, response) => {
      if (request.url === '/generate_204') response.writeHead(204).end()
      else page(response, 301, host.title, 'Over here.', { Location: `https://${host.names[0] ?? host.addresses[0]}/` })
    }),
  }
}

/** Port 80 of a host that speaks only TLS. */
export function redirectToTls(pair: () => [Duplex, Duplex]): Connect {
  return webServer(pair, null, (request, response) => {
    const name = /^[a-z0-9.-]+/i.exec(request.headers.host ?? '')?.[0] ?? ''
    page(response, 301, 'Moved', 'Over here.', { Location: `https://${name}${request.url ?? '/'}` })
  })
}
