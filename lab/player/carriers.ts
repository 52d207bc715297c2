/** Which provider carries what clients at a place use now: by where their last bytes went, directly or by a bridge. */
import type { Engine } from '../engine/engine.ts'

export interface Carriers {
  /** `null`: nothing was carried yet. */
  at(place: string): string | null
  stop(): void
}

/** What a client's traffic may go by. */
const carries: ReadonlySet<string> = new Set(['relay', 'socks5', 'http-connect', 'tls-bridge', 'ws-bridge'])

export function watchCarriers({ packets, topology }: Engine, isClient: (who: string) => boolean): Carriers {
  const used = new Map<string, string>()
  const stop = packets.on(({ t, direction, way: { place, to, toProvider, who } }) => {
    if (t !== 'data' || direction !== 'up' || place === null || toProvider === null) return
    if (isClient(who) && carries.has(topology.hostAt(to)?.kind ?? '')) used.set(place, toProvider)
  })
  return { at: (place) => used.get(place) ?? null, stop }
}
