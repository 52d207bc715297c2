/**
 * Which ways there are: bundle, memory, lookups and proxies in, candidates out. A pure function; nothing here waits for an
 * answer, and nothing is left out because of one. When each is tried is for the plan.
 */
import type { Endpoint, ProxyEntry } from '../../../shared/protocol/bundle.ts'
import { parseRecipe, printRecipe, type Recipe } from './recipe.ts'

export type RouteKind = 'plain' | 'address' | 'sibling' | 'proxy'
export type AddressSource = 'bundle' | 'system' | 'doh' | 'proxy'

export interface Candidate {
  readonly recipe: Recipe
  /** `printRecipe(recipe)`: names the candidate. */
  readonly text: string
  readonly endpoint: Endpoint
  readonly kind: RouteKind
  readonly source: AddressSource
  readonly proxy: ProxyEntry | null
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
  /** Which round of trying this is, from 0: proxies are paired with another endpoint each time. */
  readonly round: number
}

/** Every way the app knows for these endpoints, in the order in which they are tried where nothing is remembered. */
export function candidates(choices: Choices): Candidate[] {
  const { endpoints, proxies, carrier, v6, learned, round } = choices
  const usable = (address: string) => v6 || !address.includes(':')
  const [primary] = endpoints
  const direct = endpoints.flatMap((endpoint, index) => {
    const known: readonly { address: string; source: AddressSource }[] = [
      ...endpoint.addresses.map((address) => ({ address, source: 'bundle' as const })),
      ...(index === 0 ? learned.filter(({ address }) => !endpoint.addresses.includes(address)) : []),
    ]
    return known
      .filter(({ address }) => usable(address))
      .map(({ address, source }, at): Candidate => {
        const kind = index > 0 ? 'sibling' : at === 0 ? 'plain' : 'address'
        return make({ proxy: null, address, port: endpoint.port, sni: endpoint.host, carrier }, endpoint, kind, source, null)
      })
  })
  const behind = endpoints[round % Math.max(endpoints.length, 1)] ?? primary
  const address = behind?.addresses[0]
  const proxied =
    behind === undefined || address === undefined
      ? []
      : proxies
          .filter((proxy) => usable(proxy.address))
          .map((proxy) => {
            const recipe: Recipe = {
              proxy: { kind: proxy.kind, address: proxy.address, port: proxy.port },
              address,
              port: behind.port,
              sni: behind.host,
              carrier,
            }
            return make(recipe, behind, 'proxy', 'proxy', proxy)
          })
  const seen = new Set<string>()
  const before = choices.remembered.map((text) => revive(text, choices)).filter((candidate) => candidate !== null)
  return [...direct, ...proxied, ...before].filter(({ text }) => !seen.has(text) && seen.add(text))
}

/** A way that worked before and that the list above need not hold now: an address that a lookup gave then, another pairing. */
function revive(text: string, { endpoints, proxies, carrier }: Choices): Candidate | null {
  const recipe = parseRecipe(text)
  const endpoint = endpoints.find(({ host, port }) => host === recipe?.sni && port === recipe.port)
  if (!recipe || !endpoint || recipe.carrier !== carrier) return null
  const { proxy: hop } = recipe
  if (!hop) return make(recipe, endpoint, endpoint === endpoints[0] ? 'address' : 'sibling', 'system', null)
  const proxy = proxies.find(({ kind, address, port }) => kind === hop.kind && address === hop.address && port === hop.port)
  return proxy ? make(recipe, endpoint, 'proxy', 'proxy', proxy) : null
}

function make(recipe: Recipe, endpoint: Endpoint, kind: RouteKind, source: AddressSource, proxy: ProxyEntry | null): Candidate {
  return { recipe, text: printRecipe(recipe), endpoint, kind, source, proxy }
}
