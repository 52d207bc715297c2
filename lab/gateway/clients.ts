/** The clients of the lab by name: where each stands, and what its machine knows of the network there. */
import type { UplinkFacts } from '../../shared/protocol/uplink.ts'
import { createEvents, type Events } from '../../shared/util/events.ts'
import type { Origin } from '../engine/engine.ts'
import type { Topology } from '../engine/topology.ts'

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
}

const FIRST_ADDRESS = 100
const ADDRESSES = 150

export function createClients(topology: Topology): Clients {
  const clients = new Map<string, { place: string; readonly index: number; uplinks: number }>()
  const changed = createEvents<{ readonly name: string; readonly moved: boolean }>()

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

  return {
    changed,
    originOf(name) {
      const place = placeOf(name)
      return {
        who: name,
        place: place.id,
        provider: place.provider,
        address: nth(place.clients, FIRST_ADDRESS + (of(name).index % ADDRESSES)),
      }
    },
    factsOf(name) {
      const place = placeOf(name)
      return {
        id: `lab:${place.id}`,
        up: true,
        gateway: place.gateway,
        resolvers: place.resolvers.map((address) => ({ address, port: 53 })),
        v6: place.v6,
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

/** The address so far into an IPv4 prefix of at most /24. */
export function nth(prefix: string, index: number): string {
  const [network = ''] = prefix.split('/')
  return network.replace(/\d+$/, (last) => String(Number(last) + index))
}
