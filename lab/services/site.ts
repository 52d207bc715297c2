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

export function site(
  host: Host,
  certificate: Certificate,
  pair: () => [Duplex, Duplex],
): { readonly https: Connect; readonly http: Connect } {
  return {
    https: webServer(pair, certificate, sitePages(host.title, host.what)),
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
