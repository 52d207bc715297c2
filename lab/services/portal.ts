/**
 * A captive portal, as in a café: until somebody accepts, look-ups lead to it, plain requests are sent on to it, TLS ends at it
 * with a certificate that vouches for itself alone, and nothing else comes through, for everybody's services alike.
 */
import type { Duplex } from 'node:stream'
import { answerTo } from '../engine/dns-message.ts'
import type { Connect, Engine, Origin, Target } from '../engine/engine.ts'
import type { Detour } from '../engine/premises.ts'
import type { Place } from '../engine/world.ts'
import type { Authority, Certificate } from './authority.ts'
import { endTls } from './tls-end.ts'
import { page, webServer } from './web.ts'

export interface Portal {
  /** `null`: this computer's user has accepted. */
  flow(id: string, from: Origin, to: Target): Detour | null
  answer(from: Origin, query: Uint8Array): Uint8Array | null
  /** Nobody has accepted any more. */
  reset(): void
}

const CERTIFICATE_NAME = 'guest-network.test'
/** Told so that the false answer is not remembered once the network is open. */
const TTL_SECONDS = 1

/** The portal lives at the place's gateway. */
export function createPortal(engine: Engine, authority: Authority, place: Place, pair: () => [Duplex, Duplex]): Portal {
  const accepted = new Set<string>()
  let certificate: Promise<Certificate> | null = null

  const web: Connect = webServer(pair, null, (request, response, from) => {
    const host = request.headers.host ?? ''
    if (host !== place.gateway) {
      // RFC 6585 section 6 has a status of its own for this; what is met is mostly a plain redirect.
      page(response, 302, 'Guest network', 'Over here.', { Location: `http://${place.gateway}/`, 'Cache-Control': 'no-store' })
      return
    }
    if (request.method === 'POST' && request.url === '/accept') {
      accepted.add(from.address)
      page(response, 200, 'Guest network', 'You are connected.')
      return
    }
    page(
      response,
      200,
      'Guest network',
      'Accept the terms of this network. <form method="post" action="/accept"><button>Accept</button></form>',
    )
  })
  const tls: Connect = () => {
    const [outer, inner] = pair()
    certificate ??= authority.selfSigned([CERTIFICATE_NAME])
    const own = certificate
    endTls(
      engine.pulse,
      inner,
      () => own,
      (near) => near.destroy(),
    )
    return outer
  }

  return {
    flow(id, from, to) {
      if (accepted.has(from.address)) return null
      if (to.port === 80) return { t: 'divert', id, connect: web, cuts: true }
      if (to.port === 443) return { t: 'divert', id, connect: tls, cuts: true }
      return { t: 'drop', id }
    },
    answer: (from, query) =>
      accepted.has(from.address) ? null : answerTo(query, { addresses: [place.gateway], ttl: TTL_SECONDS, exists: true, soa: false }),
    reset: () => accepted.clear(),
  }
}
