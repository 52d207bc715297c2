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
  /** Bytes of somebody arrived at one of its entrances. `null` unless that makes it open others. */
  arrived(atMs: number, from: string, address: string): Opening | null
}

/** Somebody who is heard at one entrance over so long has settled there, and has lost those before. A knock is shorter. */
const SETTLED_MS = 2000
/** Entrances on offer that were lost to somebody: the bundle stays short. */
const KEPT_LOST = 3

export function createOperator(offer: Pick<WorldOffer, 'endpoints' | 'proxies'>, store: readonly Spare[]): Operator {
  const spares = [...store]
  let { endpoints, proxies } = offer
  /** Where each person is, since when, and where they had settled or passed since they settled last. */
  const people = new Map<string, { at: string; since: number; readonly before: Set<string> }>()
  const lost: string[] = []

  const replace = (left: readonly string[]): Opening | null => {
    lost.push(...left)
    const opened = spares.splice(0, left.length)
    if (opened.length === 0) return null
    const gone = lost.slice(0, -KEPT_LOST)
    proxies = [
      ...proxies.filter((proxy) => !gone.includes(proxy.address)),
      ...opened.flatMap((spare) => ('proxy' in spare ? [spare.proxy] : [])),
    ]
    endpoints = [...endpoints, ...opened.flatMap((spare) => ('endpoint' in spare ? [spare.endpoint] : []))]
    return {
      hosts: opened.map(({ host }) => host),
      addresses: opened.flatMap((spare) => ('proxy' in spare ? [spare.proxy.address] : spare.endpoint.addresses)),
      offer: { endpoints, proxies },
    }
  }

  return {
    arrived(atMs, from, address) {
      const person = people.get(from)
      if (!person) {
        people.set(from, { at: address, since: atMs, before: new Set() })
        return null
      }
      if (person.at !== address) {
        person.before.add(person.at)
        person.at = address
        person.since = atMs
        return null
      }
      if (person.before.size === 0 || atMs - person.since < SETTLED_MS) return null
      const left = [...person.before].filter((each) => each !== address && !lost.includes(each))
      person.before.clear()
      return left.length > 0 ? replace(left) : null
    },
  }
}
