/**
 * The look-up of a household's own: a hosts file, or a small machine beside the router that sorts out names. To a client it is
 * the first resolver of its network, at the gateway; the provider's, which it asks itself, is the second and tells the truth. So a
 * program that asks "the system" meets it, and one that asks the configured server directly does not.
 */
import type { Way } from '../censor/judge.ts'
import type { Of } from '../engine/condition.ts'
import { ask } from '../engine/dial.ts'
import { answerTo, questionOf } from '../engine/dns-message.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import type { Place } from '../engine/world.ts'
import { deadline } from './deadline.ts'

const UPSTREAM_MS = 4000
const TTL_SECONDS = 2

export function isUnder(name: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))
}

/** What a filter says to a question it is about; `null`: nothing, it asks on. */
export function filtered({ names, addresses }: Of<'filter'>, query: Uint8Array): Uint8Array | null {
  const question = questionOf(query)
  if (!question || !isUnder(question.name, names)) return null
  return answerTo(query, { addresses, ttl: TTL_SECONDS, exists: addresses.length > 0, soa: false })
}

/** Stands at the gateway of a place; returns how to take it away. */
export function openLocalFilter(engine: Engine, place: Place, filter: Of<'filter'>): () => void {
  const [upstream] = place.resolvers
  const note = (way: Way, query: Uint8Array, lied: boolean) =>
    engine.packets.emit({
      t: 'dns',
      direction: 'up',
      way,
      bytes: query.length,
      name: questionOf(query)?.name ?? null,
      fate: lied ? 'lied' : 'passed',
      rule: lied ? filter.id : null,
    })
  const own: Origin = { who: 'filter', place: place.id, provider: place.provider, address: place.gateway, outside: true }
  return engine.listenDatagrams({ address: place.gateway, port: 53 }, (_from, way, query, reply) => {
    const said = filtered(filter, query)
    note(way, query, said !== null)
    if (said) {
      reply(said)
      return
    }
    if (upstream === undefined) return
    const limit = deadline(engine.clock, UPSTREAM_MS)
    ask(engine, own, { address: upstream, port: 53 }, query, limit.signal)
      .then(
        ({ bytes }) => reply(bytes),
        () => {},
      )
      .finally(() => limit.cancel())
  })
}
