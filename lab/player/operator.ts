/**
 * The service's side of cat and mouse. It knows its own entrances and who arrives at them, as any operator does; of the censor's
 * rules it knows nothing. When people turn up elsewhere because an entrance of theirs fell silent, it opens another one among
 * strangers, and tells everybody who is still connected.
 */
import type { WorldOffer } from '../engine/world.ts'

/** One more way in that the operator has in store. */
export type Spare =
  | { readonly endpoint: WorldOffer['endpoints'][number]; readonly host: string }
  | { readonly proxy: WorldOffer['proxies'][number]; readonly host: string }

export interface Opening {
  /** The machines that come up, and where the new entrances are. */
  readonly hosts: readonly string[]
  readonly addresses: readonly string[]
  readonly offer: Pick<WorldOffer, 'endpoints' | 'proxies'>
}

export interface Operator {
  /** Bytes of somebody arrived at an address; if it is one of its entrances, that is where they are now. */
  arrived(atMs: number, from: string, address: string): void
  /** Somebody's connection to there has ended. */
  left(from: string, address: string): void
  /** Looks who has settled where. `null` unless that makes it open others. */
  look(atMs: number): Opening | null
}

/** Somebody who stays at one entrance for so long has settled there, and has lost the one before. A knock is shorter. */
const SETTLED_MS = 1000
/** For each entrance that is lost: who is cut off hears of no new one, so some must be known before. */
const FOR_EACH = 2
/** Entrances on offer that were lost to somebody: the bundle stays short. */
const KEPT_LOST = 3

export function createOperator(offer: Pick<WorldOffer, 'endpoints' | 'proxies'>, store: readonly Spare[]): Operator {
  const spares = [...store]
  let { endpoints, proxies } = offer
  /** Where each person is now, since when, and where they had settled. */
  const people = new Map<string, { at: string | null; since: number; settled: string | null }>()
  const entrances = new Set([...endpoints.flatMap((each) => each.addresses), ...proxies.map((each) => each.address)])
  const lost: string[] = []

  const replace = (address: string): Opening | null => {
    lost.push(address)
    const opened = spares.splice(0, FOR_EACH)
    if (opened.length === 0) return null
    const gone = lost.slice(0, -KEPT_LOST)
    proxies = [
      ...proxies.filter((proxy) => !gone.includes(proxy.address)),
      ...opened.flatMap((spare) => ('proxy' in spare ? [spare.proxy] : [])),
    ]
    endpoints = [...endpoints, ...opened.flatMap((spare) => ('endpoint' in spare ? [spare.endpoint] : []))]
    const addresses = opened.flatMap((spare) => ('proxy' in spare ? [spare.proxy.address] : spare.endpoint.addresses))
    for (const each of addresses) entrances.add(each)
    return {
      hosts: opened.map(({ host }) => host),
      addresses,
      offer: { endpoints, proxies },
    }
  }

  return {
    arrived(atMs, from, address) {
      if (!entrances.has(address)) return
      const person = people.get(from) ?? { at: null, since: atMs, settled: null }
      if (person.at !== address) people.set(from, { ...person, at: address, since: atMs })
    },
    left(from, address) {
      const person = people.get(from)
      if (person?.at === address) person.at = null
    },
    look(atMs) {
      for (const person of people.values()) {
        const { at, since, settled } = person
        if (at === null || at === settled || atMs - since < SETTLED_MS) continue
        person.settled = at
        if (settled !== null && !lost.includes(settled)) return replace(settled)
      }
      return null
    },
  }
}
