/** What every name truly stands for: the addresses of hosts, or by right another answer for each asker, or one after the other. */
import type { Topology } from '../engine/topology.ts'
import type { Answers, Host } from '../engine/world.ts'
import type { Conditions } from './conditions.ts'

/** What every name truly stands for, right now. */
export interface Names {
  /** As told to whoever asks from a provider (absent: to nobody in particular); `null`: there is no such name. */
  addressesOf(name: string, askerProvider?: string): readonly string[] | null
  /** What its TXT records say. */
  textsOf(name: string): readonly string[]
  /** Published by whoever the name belongs to; an empty list takes it back. */
  setTexts(name: string, texts: readonly string[]): void
  set(name: string, addresses: readonly string[] | null): void
  /** More machines, with the names they bear. */
  add(hosts: readonly Host[]): void
  /** These are there no more, nor are names that only they bore. */
  remove(hosts: readonly Host[]): void
  /** Back to what the world says at first. */
  reset(): void
}

export function createNames(hosts: readonly Host[], conditions: Conditions, topology: Topology): Names {
  const names = new Map<string, readonly string[]>()
  let known: Host[] = []
  const texts = new Map<string, readonly string[]>()
  const turns = new Map<string, number>()
  const put = (host: Host) => {
    if (!host.up) return
    for (const name of host.names) names.set(name, [...(names.get(name) ?? []), ...host.addresses])
  }
  const add = (more: readonly Host[]) => {
    known.push(...more)
    more.forEach(put)
  }
  add(hosts)

  const chosen = ({ by, addresses }: Answers, asker: string | undefined): readonly string[] => {
    const country = asker === undefined ? '' : (topology.provider(asker)?.country ?? '')
    return (
      by.find((each) => (asker !== undefined && each.providers.includes(asker)) || each.countries.includes(country))?.addresses ?? addresses
    )
  }
  /** RFC 1794: an answer that balances load holds other addresses each time. */
  const inTurn = (key: string, pool: readonly string[], each: number | undefined): readonly string[] => {
    if (each === undefined || each >= pool.length) return pool
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + each)
    return Array.from({ length: each }, (_, i) => pool[(turn + i) % pool.length] ?? '')
  }

  return {
    add,
    remove(gone) {
      const ids = new Set(gone.map(({ id }) => id))
      known = known.filter(({ id }) => !ids.has(id))
      const borne = new Set(gone.flatMap((host) => host.names))
      for (const name of borne) names.delete(name)
      for (const host of known)
        if (host.names.some((name) => borne.has(name))) put({ ...host, names: host.names.filter((name) => borne.has(name)) })
    },
    reset() {
      names.clear()
      turns.clear()
      known.forEach(put)
    },
    addressesOf(name, asker) {
      const own = conditions.answersFor(name)
      return own ? inTurn(name, chosen(own, asker), own.each) : (names.get(name) ?? null)
    },
    textsOf: (name) => texts.get(name) ?? [],
    setTexts: (name, said) => void (said.length > 0 ? texts.set(name, said) : texts.delete(name)),
    set(name, addresses) {
      if (addresses) names.set(name, addresses)
      else names.delete(name)
    },
  }
}
