/** What a simulated internet consists of, as data: providers, places, links, hosts. Behaviour lives in the engine and services. */
import { isIP } from 'node:net'
import * as v from 'valibot'
import { ControlEntry, DohEntry, Endpoint, MirrorEntry, ProxyEntry } from '../../shared/protocol/bundle.ts'
import { canonical, isCidr, range } from './address.ts'

const virtual = [range('240.0.0.0/4'), range('2001:db8::/32')]
/** Ranges no real host can have: 240.0.0.0/4 (RFC 1112 section 4) and 2001:db8::/32 (RFC 3849). */
export function isVirtual(address: string): boolean {
  return virtual.some((each) => each.has(address))
}

export const Id = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/, 'letters, digits and dashes'))
export const AddressLiteral = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0, 'must be an address'),
  v.transform(canonical),
)
export const VirtualAddress = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0 && isVirtual(text), 'must be an address in 240.0.0.0/4 or 2001:db8::/32'),
  v.transform(canonical),
)
export const Prefix = v.pipe(v.string(), v.check(isCidr, 'must be a prefix, as 240.1.0.0/16'))
export const Name = v.pipe(v.string(), v.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*\.test$/, 'must be a name under .test'))
export const Port = v.pipe(v.number(), v.integer(), v.minValue(1, 'must be a number from 1 to 65535'), v.maxValue(65_535))
const Ms = v.pipe(v.number(), v.minValue(0), v.maxValue(60_000))

export const Provider = v.strictObject({
  id: Id,
  title: v.string(),
  kind: v.picklist(['access', 'transit', 'cloud', 'cdn', 'hosting']),
  asn: v.pipe(v.number(), v.integer(), v.minValue(1)),
  country: v.string(),
  prefixes: v.array(Prefix),
  /** The transit provider its traffic leaves by; drawn on the map only. */
  via: v.optional(Id),
})
export type Provider = v.InferOutput<typeof Provider>

/** How packets fare from one provider to another, both ways. `*` stands for any; the most exact entry counts, the later of equals. */
export const Link = v.strictObject({
  from: v.union([v.literal('*'), Id]),
  to: v.union([v.literal('*'), Id]),
  rttMs: Ms,
  jitterMs: v.optional(Ms, 0),
  /** Share of packets lost, each way. */
  loss: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)), 0),
  /** Shared by all flows between the two, each way; absent: no limit. */
  kbps: v.optional(v.pipe(v.number(), v.minValue(1))),
})
export type Link = v.InferOutput<typeof Link>

export const Place = v.strictObject({
  id: Id,
  title: v.string(),
  country: v.string(),
  provider: Id,
  /** Clients standing here get addresses from it. */
  clients: Prefix,
  gateway: VirtualAddress,
  resolvers: v.array(VirtualAddress),
  v6: v.optional(v.boolean(), false),
  /** With `v6`: the /64 that clients standing here get addresses from. */
  clients6: v.optional(Prefix),
})
export type Place = v.InferOutput<typeof Place>

/** What a name stands for, where that is more than the addresses of a host. */
export const Answers = v.strictObject({
  name: Name,
  /** For everybody else than `by` names. */
  addresses: v.pipe(v.array(AddressLiteral), v.minLength(1)),
  /** For askers there: whoever asks the name's own servers, which is a resolver; the first that fits. */
  by: v.optional(
    v.array(
      v.strictObject({
        countries: v.optional(v.array(v.string()), []),
        providers: v.optional(v.array(Id), []),
        addresses: v.pipe(v.array(AddressLiteral), v.minLength(1)),
      }),
    ),
    [],
  ),
  /** An answer holds so many of them, the next answer the next so many. Absent: all. */
  each: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})
export type Answers = v.InferOutput<typeof Answers>

export const HostKind = v.picklist([
  'resolver',
  'doh',
  'dot',
  'site',
  'cdn',
  'relay',
  'socks5',
  'http-connect',
  'tls-bridge',
  'ws-bridge',
  'false-page',
  'echo',
  'talker',
])
export type HostKind = v.InferOutput<typeof HostKind>

/** What a `talker` does while it is up: again and again it opens a connection and says this first. */
export const Talk = v.strictObject({
  to: VirtualAddress,
  port: Port,
  /**
   * `opaque`: random bytes, twice; `tls`: a ClientHello; `dns`: a question by UDP; `http`: as a browser, following redirects to
   * addresses. `connect`: nothing; `get`: one plain request; `https`: one over TLS that it checks as programs do.
   */
  say: v.picklist(['opaque', 'tls', 'http', 'socks5', 'dns', 'connect', 'get', 'https']),
  /** Whom it names, asks for, or asks about. */
  name: v.optional(Name, 'nobody.test'),
  /** The ClientHello in two TLS records, cut within the name. */
  split: v.optional(v.boolean(), false),
  /** More bytes of its own after that, to be had back; for `opaque`, `tls` and `socks5`. */
  bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_048_576)), 0),
  /** What it asks a web server for. */
  path: v.optional(v.pipe(v.string(), v.regex(/^\/[!-~]*$/, 'must begin with /')), '/'),
  type: v.optional(v.picklist(['A', 'AAAA']), 'A'),
  /** It stands at this place, and meets what clients there meet. Its provider must be the place's. */
  at: v.optional(Id),
  /** What took longer than this is noted as late. */
  lateMs: v.optional(Ms),
  everyMs: v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(60_000)),
})
export type Talk = v.InferOutput<typeof Talk>

export const Host = v.strictObject({
  id: Id,
  title: v.string(),
  provider: Id,
  kind: HostKind,
  /** `neighbour`: a stranger's service that shares a cloud; counted as collateral when it falls. */
  role: v.optional(v.picklist(['neighbour', 'control'])),
  what: v.optional(v.string(), ''),
  addresses: v.pipe(v.array(VirtualAddress), v.minLength(1)),
  names: v.optional(v.array(Name), []),
  /** Proxies: who may use them; absent: anybody. */
  users: v.optional(v.record(v.string(), v.string())),
  /** Proxies and bridges: where they dial to; absent: to every simulated address. */
  onlyTo: v.optional(v.array(Prefix)),
  /** For `ws-bridge`: the secret path, and where what comes by it is carried. */
  bridge: v.optional(
    v.strictObject({ path: v.pipe(v.string(), v.regex(/^\/[!-~]{8,}$/, 'must begin with / and be long')), to: VirtualAddress, port: Port }),
  ),
  /** For `cdn`: who shares its addresses; `relay`: the service's own front. */
  tenants: v.optional(
    v.array(
      v.strictObject({
        title: v.string(),
        what: v.optional(v.string(), ''),
        names: v.pipe(v.array(Name), v.minLength(1)),
        origin: v.picklist(['pages', 'relay']),
      }),
    ),
  ),
  /** For `cdn`: a request may be for another of them than the handshake named. */
  fronting: v.optional(v.boolean()),
  /** For `cdn`: whether it passes WebSockets on. */
  upgrades: v.optional(v.boolean()),
  talk: v.optional(Talk),
  /** False until a move raises it. */
  up: v.optional(v.boolean(), true),
})
export type Host = v.InferOutput<typeof Host>

/** What the operator offers, without what only a running lab knows. */
export const WorldOffer = v.strictObject({
  endpoints: v.array(Endpoint),
  proxies: v.array(ProxyEntry),
  doh: v.array(DohEntry),
  controls: v.array(ControlEntry),
})
export type WorldOffer = v.InferOutput<typeof WorldOffer>

export const WorldPart = v.strictObject({
  providers: v.optional(v.array(Provider), []),
  links: v.optional(v.array(Link), []),
  places: v.optional(v.array(Place), []),
  hosts: v.optional(v.array(Host), []),
})
export type WorldPart = v.InferOutput<typeof WorldPart>

export const World = v.strictObject({
  $schema: v.optional(v.string()),
  ...WorldPart.entries,
  /** Where a client stands of whom nothing else is known. */
  home: Id,
  /** Ranges that no honest answer holds in this world. */
  bogons: v.array(Prefix),
  /** Where lookups lead households that ordered a filter: known to everybody, as the published lists are. */
  householdFilters: v.optional(v.array(v.string()), []),
  offer: v.strictObject({
    ...WorldOffer.entries,
    /** Where the service leaves its bundles; no story changes that. */
    mirrors: v.array(MirrorEntry),
    txt: v.array(Name),
  }),
})
export type World = v.InferOutput<typeof World>

/** A world with more in it. Throws `RangeError` naming the first thing that is there twice or points nowhere. */
export function joinWorld(base: World, parts: readonly WorldPart[]): World {
  const world: World = {
    ...base,
    providers: [...base.providers, ...parts.flatMap((part) => part.providers)],
    links: [...base.links, ...parts.flatMap((part) => part.links)],
    places: [...base.places, ...parts.flatMap((part) => part.places)],
    hosts: [...base.hosts, ...parts.flatMap((part) => part.hosts)],
  }
  for (const list of [world.providers, world.places, world.hosts]) unique(list.map((each) => each.id))
  // The service has more than one machine behind an address, and of people who only ask only one story's are there at a time.
  unique(world.hosts.flatMap((host) => (host.kind === 'relay' || host.kind === 'talker' ? [] : host.addresses)))
  const providers = new Set(world.providers.map((provider) => provider.id))
  for (const { id, provider } of [...world.places, ...world.hosts]) {
    if (!providers.has(provider)) throw new RangeError(`${id}: no provider "${provider}"`)
  }
  for (const { id, via } of world.providers)
    if (via !== undefined && !providers.has(via)) throw new RangeError(`${id}: no provider "${via}"`)
  if (!world.places.some((place) => place.id === world.home)) throw new RangeError(`no place "${world.home}"`)
  return world
}

function unique(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new RangeError(`"${twice}" is there twice`)
}
