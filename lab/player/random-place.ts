/** Where the person of a random world stands: a provider of its own, its distances to everything, its resolvers, and which helpers are out of order. */
import type { Random } from '../../shared/util/random.ts'

export const ISP = 'somewhere'
export const HOME = 'somewhere-home'
export const RESOLVER = 'somewhere-dns'

/** Round trips to everything else, where the service is `1` away. */
const distances = {
  throughline: 1,
  harbour: 0.9,
  quay: 0.65,
  birch: 0.7,
  'open-dns': 0.4,
  edge: 0.25,
  'nl-hosting': 0.5,
  'fr-hosting': 0.5,
  'ru-hosting': 0.5,
  ministry: 0.3,
  'cloud-a': 0.75,
  'cloud-b': 0.75,
} as const

const LEAST_RTT_MS = 15
const MOST_RTT_MS = 300
const MOST_LOSS = 0.05
/** From here on a line by itself may be called poor. */
const LOSSY = 0.03

export const isLossy = (loss: number) => loss >= LOSSY

export interface RandomPlace {
  readonly world: object
  readonly lowered: readonly string[]
  readonly made: readonly string[]
  readonly rttMs: number
  readonly loss: number
}

export function randomPlace(random: Random): RandomPlace {
  const chance = (share: number) => random.fraction() < share
  // Evenly by magnitude: as many near ones as far ones.
  const rttMs = Math.round(LEAST_RTT_MS * (MOST_RTT_MS / LEAST_RTT_MS) ** random.fraction())
  const loss = chance(0.5) ? 0 : Math.round(random.fraction() * MOST_LOSS * 1000) / 1000
  const jitterMs = chance(0.5) ? 0 : Math.round(random.fraction() * rttMs * 0.2)
  const links = Object.entries(distances).map(([to, share]) => ({
    from: ISP,
    to,
    rttMs: Math.max(4, Math.round(rttMs * share * (0.7 + 0.6 * random.fraction()))),
    jitterMs,
    loss,
  }))
  const resolverMs = Math.round(2 + random.fraction() * 30)
  const own = '240.61.1.53'
  const open = '240.8.8.8'
  const resolvers = chance(0.3) ? [own, open] : [own]
  const lowered = [...(chance(0.15) ? ['proxy-quay'] : []), ...(chance(0.15) ? ['proxy-birch'] : []), ...(chance(0.15) ? ['doh-open'] : [])]
  return {
    rttMs,
    loss,
    lowered,
    made: [
      `${rttMs} ms${jitterMs > 0 ? `, up to ${jitterMs} more` : ''}, ${(loss * 100).toFixed(1)} % lost`,
      ...(resolvers.length > 1 ? ['a public second resolver'] : []),
      ...lowered.map((id) => `${id} out of order`),
    ],
    world: {
      providers: [{ id: ISP, title: 'Somewhere', kind: 'access', asn: 65_600, country: 'XX', prefixes: ['240.61.1.0/24'], via: 'eu-ix' }],
      links: [...links, { from: ISP, to: ISP, rttMs: resolverMs, jitterMs: 0, loss }],
      places: [{ id: HOME, title: 'Somewhere', country: 'XX', provider: ISP, clients: '240.61.1.0/24', gateway: '240.61.1.1', resolvers }],
      hosts: [{ id: RESOLVER, title: 'Name lookup', provider: ISP, kind: 'resolver', addresses: [own] }],
    },
  }
}
