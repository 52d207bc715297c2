/** From a candidate to the dialer that its recipe describes: how the bytes leave, up to where TLS to the relay begins. */
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { type Dialer, tcp } from '../net/dialer.ts'
import { SHORT_LIVED } from '../net/dialers/lanes.ts'
import { overTls } from '../net/dialers/over-tls.ts'
import { slices } from '../net/dialers/slices.ts'
import { splitHello } from '../net/dialers/split-hello.ts'
import { through } from '../net/dialers/through.ts'
import type { Network } from '../net/network.ts'
import type { Transports } from '../net/transports/transports.ts'
import type { Candidate } from './candidates.ts'

export interface WayInDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly roots: readonly string[]
  readonly transports: Transports | null
}

export function wayIn({ recipe, endpoint, proxy }: Candidate, { network, clock, random, roots, transports }: WayInDeps): Dialer {
  const near = tcp(network)
  if (proxy) return through(proxy, near, { clock, random, roots, transports })
  if (recipe.proxy?.kind === 'slices') {
    const authority = recipe.port === 443 ? endpoint.host : `${endpoint.host}:${recipe.port}`
    const dial = overTls({ host: endpoint.host, sni: recipe.proxy.sni, roots }, near)
    return slices(recipe.proxy, { dial, authority, clock, random, budget: SHORT_LIVED })
  }
  return recipe.split === null ? near : splitHello(recipe.split, recipe.sni, near)
}
