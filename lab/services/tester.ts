/** Somebody who works for the censor and has an ordinary line at the place: looks the service's public names up, as anybody can. */
import packet from 'dns-packet'
import { ask } from '../engine/dial.ts'
import type { Engine, Origin } from '../engine/engine.ts'
import type { Place } from '../engine/world.ts'
import { nth } from '../gateway/clients.ts'
import { deadline } from './deadline.ts'

const PATIENCE_MS = 4000
const ADDRESS = 22

/** The answers pass the provider like everybody's. Never rejects. */
export async function lookUpAll(engine: Engine, place: Place, names: readonly string[]): Promise<void> {
  const [resolver] = place.resolvers
  if (resolver === undefined) return
  const from: Origin = { who: 'tester', place: place.id, provider: place.provider, address: nth(place.clients, ADDRESS) }
  const limit = deadline(engine.clock, PATIENCE_MS)
  await Promise.allSettled(
    names.map((name, id) => {
      const query = packet.encode({ type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name }] })
      return ask(engine, from, { address: resolver, port: 53 }, query, limit.signal)
    }),
  )
  limit.cancel()
}
