/**
 * Which ways there are: bundle, memory, lookups and proxies in, candidates out. A pure function; nothing here waits for an
 * answer, and nothing is left out because of one. When each is tried is for the plan.
 */
import type { Endpoint, Front, ProxyEntry } from '../../../shared/protocol/bundle.ts'
import { TUNNEL_PATH } from '../../../shared/protocol/tunnel.ts'
import type { Hop } from '../net/dialers/through.ts'
import { disguises } from './disguises.ts'
import { leadsByItself, parseRecipe, printRecipe, type Recipe, type Hop as ShownHop } from './recipe.ts'

/** `disguise`: to an address of the relay's own, with another name in clear, none, or a handshake in pieces. */
export type RouteKind = 'plain' | 'address' | 'disguise' | 'sibling' | 'proxy'
export type AddressSource = 'bundle' | 'system' | 'doh' | 'proxy'

export interface Candidate {
  readonly recipe: Recipe
  /** `printRecipe(recipe)`: names the candidate. */
  readonly text: string
  readonly endpoint: Endpoint
  readonly kind: RouteKind
  readonly source: AddressSource
  readonly proxy: (Hop & { readonly id: string }) | null
}

export interface LearnedAddress {
  readonly address: string
  readonly source: 'system' | 'doh'
}

export interface Choices {
  /** Of one plane, the plain one first. */
  readonly endpoints: readonly Endpoint[]
  readonly proxies: readonly ProxyEntry[]
  readonly carrier: Recipe['carrier']
  readonly v6: boolean
  /** What lookups said about the first endpoint's name. */
  readonly learned: readonly LearnedAddress[]
  /** Texts of recipes that worked on this network, the best first. */
  readonly remembered: readonly string[]
  /** Texts of recipes that failed or fell silent lately: they go behind others of their kind. */
  readonly doubted: ReadonlySet<string>
  /** Text of the way that the user wants tried before all others. */
  readonly pinned?: string | null
  /** Whether the user lets this way be used; absent: all are. */
  readonly allows?: (recipe: Recipe) => boolean
  /** Connections here stall after some kilobytes: many short ones then are a way as well. They are seen, so not before. */
  readonly freezes?: boolean
  /** Which round of trying this is, from 0: proxies are paired with another endpoint each time. */
  readonly round: number
}

/** Every way the app knows for these endpoints, in the order in which they are tried where nothing is remembered. */
export function candidates(choices: Choices): Candidate[] {
  const { endpoints, proxies, carrier, v6, learned, round } = choices
  const usable = (address: string) => v6 || !address.includes(':')
  const [primary] = endpoints
  const freezes = choices.freezes || choices.remembered.some((text) => text.startsWith('slices '))
  const direct = endpoints.flatMap((endpoint, index) => {
    const known: readonly { address: string; source: AddressSource }[] = [
      ...endpoint.addresses.map((address) => ({ address, source: 'bundle' as const })),
      ...(index === 0 ? learned.filter(({ address }) => !endpoint.addresses.includes(address)) : []),
    ]
    return known
      .filter(({ address }) => usable(address))
      .map(({ address, source }, at): Candidate => {
        const kind = index > 0 ? 'sibling' : at === 0 ? 'plain' : 'address'
        return make(directly(endpoint, address, carrier), endpoint, kind, source, null)
      })
  })
  const disguised = endpoints.flatMap((endpoint) => {
    const address = endpoint.addresses.find(usable)
    if (address === undefined) return []
    const plainly = directly(endpoint, address, carrier)
    const sliced = { ...plainly, proxy: { kind: 'slices' as const, address, port: endpoint.port, sni: endpoint.host } }
    return [...disguises(endpoint).map((disguise) => ({ ...plainly, ...disguise })), ...(freezes ? [sliced] : [])].map((recipe) =>
      make(recipe, endpoint, 'disguise', 'bundle', null),
    )
  })
  const fronts = endpoints.flatMap((endpoint) => (endpoint.fronts ?? []).map((front) => ({ front, endpoint })))
  const reachable = fronts.filter(({ front }) => usable(front.address))
  const fronted = [false, true].flatMap((polls) => reachable.map(({ front, endpoint }) => behindFront(front, endpoint, carrier, polls)))
  const behind = endpoints[round % Math.max(endpoints.length, 1)] ?? primary
  const address = behind?.addresses[0]
  const proxied =
    behind === undefined || address === undefined
      ? []
      : proxies
          .filter((proxy) => usable(proxy.address))
          .map((proxy) => {
            const hop = hopOf(proxy)
            const to = leadsByItself(hop) ? hop : { address, port: behind.port }
            const recipe = { ...directly(behind, to.address, carrier), port: to.port, proxy: hop }
            return make(recipe, behind, 'proxy', 'proxy', proxy)
          })
  const seen = new Set<string>()
  const before = choices.remembered.map((text) => revive(text, choices)).filter((candidate) => candidate !== null)
  const { allows = () => true } = choices
  return [...direct, ...fronted, ...proxied, ...disguised, ...before].filter(
    ({ text, recipe }) => !seen.has(text) && seen.add(text) && allows(recipe),
  )
}

function directly({ host, port }: Endpoint, address: string, carrier: Recipe['carrier']): Recipe {
  return { proxy: null, address, port, host, sni: host, split: null, carrier }
}

/** TLS ends at the front, under its own name; what it passes on by the relay's is a WebSocket, or requests, and TLS to the relay is inside. */
function behindFront(front: Front, endpoint: Endpoint, carrier: Recipe['carrier'], polls: boolean): Candidate {
  const { id, host, address, port, service } = front
  const hop = { id, kind: 'ws-bridge', address, port, host, path: TUNNEL_PATH, authority: service, polls } as const
  const shown = { kind: polls ? 'front-polls' : 'front', address, port, sni: host } as const
  return make({ ...directly(endpoint, address, carrier), port, proxy: shown }, endpoint, 'proxy', 'proxy', hop)
}

/** The hop as a recipe shows it: without what is secret. */
function hopOf({ kind, address, port, host, sni, transport }: ProxyEntry): ShownHop {
  switch (kind) {
    case 'socks5':
    case 'http-connect':
      return { kind, address, port }
    case 'https-connect':
    case 'ws-bridge':
      return { kind, address, port, sni: sni === undefined ? (host ?? null) : sni }
    case 'transport':
      return { kind, address, port, name: transport ?? '' }
  }
}

/** A way that worked before and that the list above need not hold now: an address that a lookup gave then, another pairing. */
function revive(text: string, { endpoints, proxies, carrier }: Choices): Candidate | null {
  const recipe = parseRecipe(text)
  const hop = recipe?.proxy ?? null
  const endpoint = endpoints.find(({ host, port }) => host === recipe?.host && (port === recipe.port || (hop && leadsByItself(hop))))
  if (!recipe || !endpoint || recipe.carrier !== carrier) return null
  if (!hop) {
    const isPlainly = recipe.sni === endpoint.host && recipe.split === null
    const kind = !isPlainly ? 'disguise' : endpoint === endpoints[0] ? 'address' : 'sibling'
    return make(recipe, endpoint, kind, 'system', null)
  }
  const proxy = proxies.find((entry) => printRecipe({ ...recipe, proxy: hopOf(entry) }) === text)
  return proxy ? make(recipe, endpoint, 'proxy', 'proxy', proxy) : null
}

function make(recipe: Recipe, endpoint: Endpoint, kind: RouteKind, source: AddressSource, proxy: Candidate['proxy']): Candidate {
  return { recipe, text: printRecipe(recipe), endpoint, kind, source, proxy }
}
