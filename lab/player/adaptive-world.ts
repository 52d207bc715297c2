/** What the adaptive censor's play brings to the world: more strangers, what is publicly known of the service, and the service's store. */
import * as v from 'valibot'
import { type Host, Name, WorldOffer, WorldPart } from '../engine/world.ts'
import raw from './adaptive-world.json' with { type: 'json' }
import type { Spare } from './operator.ts'

/** Who brought it, in the world's books. */
export const ADAPTIVE = 'adaptive'

export const adaptiveWorld = v.parse(
  v.strictObject({
    /** The service's domains, and the hosts that anybody finds who installs its app and watches his own network. */
    public: v.strictObject({ domains: v.array(Name), hosts: v.array(Name) }),
    world: WorldPart,
    /** What the service can still open: whole entrances, and machines whose every address is a bridge. */
    store: v.strictObject({ entrances: WorldOffer.entries.endpoints, bridges: v.array(v.string()) }),
  }),
  raw,
)

/** Names that the service's certificate must cover for its store. */
export const adaptiveNames = adaptiveWorld.store.entrances.map(({ host }) => host)

const ports = { socks5: 1080, 'http-connect': 3128 } as const

/** In the order of use: an entrance, a bridge in each cloud, the next entrance, and so on. */
export function storeOf({ world, store }: typeof adaptiveWorld): Spare[] {
  const holding = (address: string) => world.hosts.find((host) => host.addresses.includes(address))?.id ?? ''
  const entrances = store.entrances.map((endpoint): Spare => ({ host: holding(endpoint.addresses[0] ?? ''), endpoint }))
  const machines = store.bridges.flatMap((id) => world.hosts.filter((host) => host.id === id))
  const rounds = Math.max(entrances.length, ...machines.map((host) => host.addresses.length))
  return Array.from({ length: rounds }, (_, i) => [...entrances.slice(i, i + 1), ...machines.flatMap((host) => bridgeAt(host, i))]).flat()
}

function bridgeAt({ id, kind, addresses }: Host, i: number): Spare[] {
  const address = addresses[i]
  if (address === undefined || (kind !== 'socks5' && kind !== 'http-connect')) return []
  return [{ host: id, proxy: { id: `${id}-${i}`, kind, address, port: ports[kind] } }]
}
