/**
 * Which ways to try, in which order and when: bundle, memory, lookups and proxies in, a list of starts out. A pure function;
 * nothing here waits for an answer, and nothing is left out because of one.
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

export interface Start {
  /** From the beginning of the race. */
  readonly atMs: number
  readonly candidate: Candidate
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

/** By when the last way is started, however many there are. */
const ALL_STARTED_MS = 2_000

/** The step between starts: a little over what TCP takes here (90th percentile of `tcpMs`), within bounds; 200 ms if unknown. */
export function staggerMs(tcpMs: readonly number[]): number {
  const sorted = [...tcpMs].sort((a, b) => a - b)
  const p90 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.9))]
  return p90 === undefined ? 200 : Math.min(Math.max(1.25 * p90, 80), 250)
}

/**
 * Remembered ways and the plain one at 0, the next address at s, siblings from 3s, two proxies from 4s, the rest from 6s in
 * even steps, everything within `ALL_STARTED_MS`.
 */
export function plan(choices: Choices, s: number): Start[] {
  const all = candidates(choices)
  const taken = new Set<Candidate>()
  const starts: Start[] = []
  const start = (candidate: Candidate | undefined, atMs: number) => {
    if (!candidate || taken.has(candidate)) return
    taken.add(candidate)
    starts.push({ atMs, candidate })
  }
  for (const text of choices.remembered) {
    start(
      all.find((candidate) => candidate.text === text),
      0,
    )
  }
  start(
    all.find(({ kind }) => kind === 'plain'),
    0,
  )
  start(
    all.find((candidate) => candidate.kind === 'address' && candidate.source === 'bundle'),
    s,
  )
  const firstOfEach = all.filter(({ kind, endpoint, recipe }) => kind === 'sibling' && recipe.address === endpoint.addresses[0])
  for (const [index, sibling] of firstOfEach.slice(0, 2).entries()) start(sibling, (3 + index) * s)
  for (const [index, proxied] of all
    .filter(({ kind }) => kind === 'proxy')
    .slice(0, 2)
    .entries())
    start(proxied, (4 + index / 2) * s)
  const rest = all.filter((candidate) => !taken.has(candidate))
  const step = Math.min(s / 2, (ALL_STARTED_MS - 6 * s) / Math.max(rest.length, 1))
  for (const [index, candidate] of interleave(rest).entries()) start(candidate, 6 * s + index * step)
  return starts.sort((a, b) => a.atMs - b.atMs)
}

/** Proxies and other ways by turns: neither kind waits for all of the other. */
function interleave(rest: readonly Candidate[]): Candidate[] {
  const proxied = rest.filter(({ kind }) => kind === 'proxy')
  const others = rest.filter(({ kind }) => kind !== 'proxy')
  return Array.from({ length: Math.max(proxied.length, others.length) }, (_, at) => [proxied[at], others[at]])
    .flat()
    .filter((candidate) => candidate !== undefined)
}
