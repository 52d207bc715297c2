/** The clients of the lab by name: where each stands, and what its machine knows of the network there. */
import type { UplinkFacts } from '../../shared/protocol/uplink.ts'
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Origin } from '../engine/engine.ts'
import type { Topology } from '../engine/topology.ts'
import type { Conditions } from '../services/conditions.ts'

export interface Clients {
  /** Where it stands; a client never heard of stands at home. */
  originOf(name: string): Origin
  factsOf(name: string): UplinkFacts
  /** Moves a client; no-op when it stands there already. Throws `RangeError` when there is no such place. */
  place(name: string, place: string): void
  join(name: string): void
  leave(name: string): void
  isKnown(name: string): boolean
  list(): { name: string; vantage: string; online: boolean }[]
  /** Somebody moved, came or went. */
  readonly changed: Events<{ readonly name: string; readonly moved: boolean }>
  /** What the machines at a place know of their network is another thing now; or their link is gone, and all that was open with it. */
  readonly refreshed: Events<{ readonly place: string; readonly cut: boolean }>
}

const FIRST_ADDRESS = 100
const ADDRESSES = 150

/** `installedRoot`: PEM of the authority that computers were told to trust where TLS is inspected so. */
export function createClients(topology: Topology, conditions: Conditions, installedRoot: string): Clients {
  const clients = new Map<string, { place: string; readonly index: number; uplinks: number }>()
  const changed = createEvents<{ readonly name: string; readonly moved: boolean }>()
  const refreshed = createEvents<{ readonly place: string; readonly cut: boolean }>()

  const of = (name: string) => {
    let client = clients.get(name)
    if (!client) {
      client = { place: topology.world.home, index: clients.size, uplinks: 0 }
      clients.set(name, client)
    }
    return client
  }
  const placeOf = (name: string) => {
    const place = topology.place(of(name).place)
    if (!place) throw new RangeError(`no place "${of(name).place}"`)
    return place
  }

  conditions.changed.on((condition) => {
    if (!('places' in condition)) return
    const cut = condition.do === 'cut' && condition.link && conditions.inForce.includes(condition)
    for (const place of condition.places) refreshed.emit({ place, cut })
  })

  return {
    changed,
    refreshed,
    originOf(name) {
      const place = placeOf(name)
      return {
        who: name,
        place: place.id,
        provider: place.provider,
        address: nth(place.clients, FIRST_ADDRESS + (of(name).index % ADDRESSES)),
        ...(place.v6 && place.clients6 !== undefined && { address6: nth6(place.clients6, FIRST_ADDRESS + (of(name).index % ADDRESSES)) }),
      }
    },
    factsOf(name) {
      const place = placeOf(name)
      const up = conditions.atPlace('cut', place.id)?.link !== true
      // The household's own look-up is what the system asks; the provider's is still configured behind it.
      const own = conditions.atPlace('filter', place.id)?.by === 'computer' ? [place.gateway] : []
      const clock = conditions.atPlace('clock', place.id)
      return {
        id: `lab:${place.id}`,
        up,
        gateway: up ? place.gateway : null,
        resolvers: up ? [...own, ...place.resolvers].map((address) => ({ address, port: 53 })) : [],
        v6: up && place.v6,
        ...(clock && { clockSkewMs: clock.skewMs }),
        ...(conditions.atPlace('inspect', place.id)?.installed && { installedRoots: [installedRoot] }),
      }
    },
    place(name, place) {
      if (!topology.place(place)) throw new RangeError(`no place "${place}"`)
      const client = of(name)
      if (client.place === place) return
      client.place = place
      changed.emit({ name, moved: true })
    },
    join(name) {
      of(name).uplinks++
      changed.emit({ name, moved: false })
    },
    leave(name) {
      of(name).uplinks--
      changed.emit({ name, moved: false })
    },
    isKnown: (name) => clients.has(name),
    list: () => [...clients].map(([name, { place, uplinks }]) => ({ name, vantage: place, online: uplinks > 0 })),
  }
}

/** The address so far into an IPv6 prefix of at most /112 that ends in `::`. */
export function nth6(prefix: string, index: number): string {
  const [network = ''] = prefix.split('/')
  return `${network}${index.toString(16)}`
}

/** The address so far into an IPv4 prefix of at most /24. */
export function nth(prefix: string, index: number): string {
  const [network = ''] = prefix.split('/')
  return network.replace(/\d+$/, (last) => String(Number(last) + index))
}
