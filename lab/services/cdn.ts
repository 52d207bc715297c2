/**
 * A content network: several customers behind the same addresses. Which certificate it shows is chosen by the name in the
 * handshake, which customer answers by the Host of the request. Where the two may differ, one can hide behind the other.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Connect, Engine, Origin } from '../engine/engine.ts'
import type { Host } from '../engine/world.ts'
import type { Authority } from './authority.ts'
import { openTls } from './interceptor.ts'
import { join } from './proxy.ts'
import { sitePages } from './site.ts'
import { endTls } from './tls-end.ts'
import { page, webOver } from './web.ts'

type Tenant = NonNullable<Host['tenants']>[number]

export interface CdnDeps {
  readonly engine: Engine
  readonly authority: Authority
  readonly host: Host
  /** What stands behind a customer that is the service itself, and a name that its certificate bears. */
  readonly toRelay: Connect
  readonly relayName: string
  pair(): [Duplex, Duplex]
}

const hostOf = (request: IncomingMessage) => (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()

export function cdn({ engine, authority, host, toRelay, relayName, pair }: CdnDeps): Connect {
  const { tenants = [], fronting = false, upgrades = true, addresses } = host
  /** The name each connection showed in its handshake. */
  const shown = new WeakMap<Duplex, string | null>()
  const tenantOf = (name: string | null): Tenant | null => tenants.find(({ names }) => name !== null && names.includes(name)) ?? null
  // Who names nobody, or a stranger, is shown the first customer's certificate.
  const certificateFor = (name: string | null) => authority.issue((tenantOf(name) ?? tenants[0])?.names ?? host.names)

  /** The customer that is to answer, or the status that says why none does. */
  const choose = (request: IncomingMessage): Tenant | 404 | 421 => {
    const tenant = tenantOf(hostOf(request))
    if (!tenant) return 404
    // RFC 9110 section 15.5.20: a server that does not answer for this name over this connection.
    return fronting || tenant === tenantOf(shown.get(request.socket) ?? null) ? tenant : 421
  }
  const toOrigin = async (from: Origin): Promise<Duplex> => {
    const own: Origin = { who: host.id, place: null, provider: host.provider, address: addresses[0] ?? from.address }
    return openTls(await toRelay(own, { address: own.address, port: 443 }), relayName)
  }

  const serve = webOver(
    (request, response, from) => {
      const tenant = choose(request)
      if (typeof tenant === 'number') return page(response, tenant, tenant === 421 ? 'Misdirected' : 'No such site', 'Not here.')
      if (tenant.origin === 'pages') return sitePages(tenant.title, tenant.what)(request, response, from)
      toOrigin(from).then(
        (socket) => {
          const { method, url, headers } = request
          const onward = httpRequest({ createConnection: () => socket, method, path: url, headers }, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers)
            answer.pipe(response)
          })
          onward.on('error', () => response.destroy())
          request.pipe(onward)
        },
        () => page(response, 502, 'Nobody there', 'The site behind does not answer.'),
      )
    },
    (request, socket, head, from) => {
      const tenant = upgrades ? choose(request) : 400
      if (typeof tenant === 'number' || tenant.origin !== 'relay') {
        socket.end(`HTTP/1.1 ${typeof tenant === 'number' ? tenant : 400} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
        return
      }
      toOrigin(from).then(
        (far) => {
          far.write(headOf(request))
          if (head.length > 0) socket.unshift(head)
          join(socket, far)
        },
        () => socket.destroy(),
      )
    },
  )

  return (from) => {
    const [outer, inner] = pair()
    endTls(engine.pulse, inner, certificateFor, (near, name) => {
      shown.set(near, name)
      serve(near, from)
    })
    return outer
  }
}

/** A request's head as it came. */
export function headOf({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): string {
  const lines = Array.from({ length: rawHeaders.length / 2 }, (_, i) => `${rawHeaders[2 * i]}: ${rawHeaders[2 * i + 1]}\r\n`)
  return `${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`
}
