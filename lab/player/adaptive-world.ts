/** What the adaptive censor's play brings to the world: more strangers, what is publicly known of the service, and the service's store. */
import * as v from 'valibot'
import { Name, WorldOffer, WorldPart } from '../engine/world.ts'
import raw from './adaptive-world.json' with { type: 'json' }

/** Who brought it, in the world's books. */
export const ADAPTIVE = 'adaptive'

const Store = v.array(
  v.union([
    v.strictObject({ host: v.string(), endpoint: WorldOffer.entries.endpoints.item }),
    v.strictObject({ host: v.string(), proxy: WorldOffer.entries.proxies.item }),
  ]),
)

export const adaptiveWorld = v.parse(
  v.strictObject({
    /** The service's domains, and the hosts that anybody finds who installs its app and watches his own network. */
    public: v.strictObject({ domains: v.array(Name), hosts: v.array(Name) }),
    world: WorldPart,
    store: Store,
  }),
  raw,
)

/** Names that the service's certificate must cover for its store. */
export const adaptiveNames = adaptiveWorld.store.flatMap((spare) => ('endpoint' in spare ? [spare.endpoint.host] : []))
