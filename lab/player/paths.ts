/** Which provider carries what clients at a place use now: the last that their bytes went to, straight or by a bridge. */
import type { Engine } from '../engine/engine.ts'
import type { Clients } from '../gateway/clients.ts'

/** What a client's traffic may go by. */
const carries: ReadonlySet<string> = new Set(['relay', 'socks5', 'http-connect'])

export function followPaths(engine: Engine, clients: Clients): { of(place: string): string | null; stop(): void } {
  const paths = new Map<string, string>()
  const stop = engine.packets.on((event) => {
    const { place, to, toProvider, who } = event.way
    if (event.t !== 'data' || event.direction !== 'up' || place === null || toProvider === null) return
    if (clients.isKnown(who) && carries.has(engine.topology.hostAt(to)?.kind ?? '')) paths.set(place, toProvider)
  })
  return { of: (place) => paths.get(place) ?? null, stop }
}
