/** A dialer by way of somebody else's computer, as its entry says: picks the technique and puts it together. */
import type { TLSSocket } from 'node:tls'
import type { ProxyEntry } from '../../../../shared/protocol/bundle.ts'
import { assertNever } from '../../../../shared/util/assert-never.ts'
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Dialer } from '../dialer.ts'
import { DialError } from '../errors.ts'
import type { Transports } from '../transports/transports.ts'
import { httpConnect } from './http-connect.ts'
import { KEPT } from './lanes.ts'
import { overTls } from './over-tls.ts'
import { slices } from './slices.ts'
import { socks5 } from './socks5.ts'
import { wsBridge } from './ws-bridge.ts'

/** `authority`: what stands in `Host` where that is not the name of the hop itself. `polls`: it passes requests, but no WebSocket. */
export type Hop = Omit<ProxyEntry, 'id'> & { readonly authority?: string; readonly polls?: boolean }

export interface HopDeps {
  readonly clock: Clock
  readonly random: Random
  /** PEM: who may sign for hops that are reached over TLS and carry no pin. */
  readonly roots: readonly string[]
  /** `null`: no programs are started here. */
  readonly transports: Transports | null
}

/** Wraps a dialer so that its connections lead by `hop`. What the hop says no to is `proxy-refused`, with its own code. */
export function through(hop: Hop, dial: Dialer, { clock, random, roots, transports }: HopDeps): Dialer {
  switch (hop.kind) {
    case 'socks5':
      return socks5(hop, dial, clock)
    case 'http-connect':
      return httpConnect(hop, dial)
    case 'https-connect':
      return httpConnect(hop, encrypted(hop, dial, roots))
    case 'ws-bridge': {
      const host = hop.host ?? ''
      const authority = hop.authority ?? (hop.port === 443 ? host : `${host}:${hop.port}`)
      const secure = encrypted(hop, dial, roots)
      if (hop.polls) return slices(hop, { dial: secure, authority, clock, random, budget: KEPT })
      return wsBridge({ ...hop, authority, path: hop.path ?? '/' }, secure)
    }
    case 'transport':
      if (!transports) throw new DialError('failed', 'no-transport')
      return transports.by(hop)
    default:
      return assertNever(hop.kind)
  }
}

function encrypted({ host = '', sni, pin }: Hop, dial: Dialer, roots: readonly string[]): Dialer<TLSSocket> {
  const target = { host, sni: sni === undefined ? host : sni, roots, pin }
  return async (to, signal) => {
    try {
      return await overTls(target, dial)(to, signal)
    } catch (error) {
      // A stranger's certificate here says nothing of the relay's.
      if (error instanceof DialError && error.reason === 'certificate') throw new DialError('proxy-refused', 'certificate', error.issuer)
      throw error
    }
  }
}
