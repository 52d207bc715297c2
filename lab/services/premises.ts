/** The computers and networks of clients, under the conditions of their place: portal, inspection, clock, IPv6 and the line itself. */
import type { Duplex } from 'node:stream'
import type { Of } from '../engine/condition.ts'
import type { Connect, Engine, Origin, Target } from '../engine/engine.ts'
import type { Detour, Premises } from '../engine/premises.ts'
import { type Authority, LEAF_FROM_MS, LEAF_UNTIL_MS } from './authority.ts'
import type { Conditions } from './conditions.ts'
import { TLS_PORTS } from './host-conditions.ts'
import { interceptor } from './interceptor.ts'
import { openLocalFilter } from './local-filter.ts'
import { createPortal, type Portal } from './portal.ts'

export interface PremisesDeps {
  readonly engine: Engine
  readonly conditions: Conditions
  readonly authority: Authority
  /** Of a box that the computer was told to trust, and of one that it was not. */
  readonly inspectors: Readonly<Record<'installed' | 'unknown', Authority>>
  pair(): [Duplex, Duplex]
}

/** Returns how to let go of what it put up. */
export function standPremises({ engine, conditions, authority, inspectors, pair }: PremisesDeps): () => void {
  const portals = new Map<string, Portal>()
  const filters = new Map<string, () => void>()
  const clocks = new Map<number, Connect>()
  // Past the premises, yet on the way like any packet of this client: boxes look at it.
  const onward = (from: Origin): Origin => ({ ...from, outside: true })
  const boxes = {
    installed: interceptor(engine, (name) => inspectors.installed.issue([name ?? 'unnamed.test']), pair, onward),
    unknown: interceptor(engine, (name) => inspectors.unknown.issue([name ?? 'unnamed.test']), pair, onward),
  }
  const portalOf = (placeId: string): Portal | null => {
    const known = portals.get(placeId)
    const place = engine.topology.place(placeId)
    if (known || !place) return known ?? null
    const portal = createPortal(engine, authority, place, pair)
    portals.set(placeId, portal)
    return portal
  }
  /**
   * A TLS library judges dates by the machine's clock, which a rehearsal cannot turn. So the dates are turned instead: each
   * certificate is shown as much older or younger as the clock is wrong, wherever that changes what the library makes of it.
   */
  const clockBox = ({ skewMs }: Of<'clock'>): Connect | null => {
    if (skewMs > LEAF_FROM_MS && skewMs < LEAF_UNTIL_MS) return null
    const known = clocks.get(skewMs)
    if (known) return known
    const dated = (name: string | null) => authority.issueFor([name ?? 'unnamed.test'], LEAF_FROM_MS - skewMs, LEAF_UNTIL_MS - skewMs)
    const box = interceptor(engine, dated, pair, onward)
    clocks.set(skewMs, box)
    return box
  }

  const lost = (from: Origin, to: Target): (Detour & { t: 'refuse' | 'drop' }) | null => {
    if (from.place === null || from.outside || from.inspected === false) return null
    const cut = conditions.atPlace('cut', from.place)
    const isGateway = engine.topology.place(from.place)?.gateway === to.address
    if (cut && (cut.link || !isGateway)) return cut.link ? { t: 'refuse', id: cut.id, code: 'ENETUNREACH' } : { t: 'drop', id: cut.id }
    const broken = to.address.includes(':') ? conditions.atPlace('v6-broken', from.place) : null
    if (broken) return broken.how === 'drop' ? { t: 'drop', id: broken.id } : { t: 'refuse', id: broken.id, code: 'EHOSTUNREACH' }
    return null
  }

  const premises: Premises = {
    flow(from, to) {
      if (from.place === null || from.outside || from.inspected === false) return null
      const none = lost(from, to)
      if (none) return none
      const portal = conditions.atPlace('portal', from.place)
      const caught = portal ? portalOf(from.place)?.flow(portal.id, from, to) : null
      if (caught) return caught
      if (!TLS_PORTS.has(to.port)) return null
      const inspect = conditions.atPlace('inspect', from.place)
      if (inspect) return { t: 'divert', id: inspect.id, connect: boxes[inspect.installed ? 'installed' : 'unknown'], cuts: false }
      const clock = conditions.atPlace('clock', from.place)
      const connect = clock && clockBox(clock)
      return clock && connect ? { t: 'divert', id: clock.id, connect, cuts: false } : null
    },
    datagram(from, to, question, bytes) {
      if (from.place === null || from.outside) return null
      const none = lost(from, to)
      if (none) return none
      const portal = conditions.atPlace('portal', from.place)
      if (!portal) return null
      const portalHere = portalOf(from.place)
      const answer = question ? portalHere?.answer(from, bytes) : null
      if (answer) return { t: 'reply', id: portal.id, bytes: answer }
      return portalHere?.flow(portal.id, from, to) ? { t: 'drop', id: portal.id } : null
    },
    route(from, route) {
      const line = from.place === null || from.outside ? null : conditions.atPlace('line', from.place)
      if (!line) return route
      return {
        rttMs: route.rttMs + line.addMs,
        jitterMs: Math.max(route.jitterMs, line.jitterMs),
        loss: 1 - (1 - route.loss) * (1 - line.loss),
        kbps: line.kbps === undefined ? route.kbps : Math.min(line.kbps, route.kbps ?? line.kbps),
        // Everybody there shares it, wherever they go.
        key: line.kbps === undefined ? route.key : `line ${from.place}`,
      }
    },
  }
  engine.premisesAre(premises)

  const undo = conditions.changed.on((condition) => {
    if (condition.do === 'portal') for (const place of condition.places) portals.get(place)?.reset()
    if (condition.do !== 'filter' || condition.by !== 'computer') return
    for (const placeId of condition.places) {
      const key = `${condition.id} ${placeId}`
      filters.get(key)?.()
      filters.delete(key)
      const place = engine.topology.place(placeId)
      if (place && conditions.inForce.includes(condition)) filters.set(key, openLocalFilter(engine, place, condition))
    }
  })
  return () => {
    undo()
    for (const take of filters.values()) take()
  }
}
