/** How the world of one run stood as time went on: one picture for each change, so that a person can look back. Keeps no packets. */
import type { GatewayState } from '../../shared/protocol/processes.ts'

/** What of the lab's state a run changes, apart from its own clock and the record of moves. */
export type Picture = Pick<GatewayState, 'clients' | 'nodes' | 'edges' | 'gates' | 'collateral' | 'addressesBlocked' | 'tracker'>

export interface History {
  /** `atMs` must not run backwards. A picture like the one before is not kept. */
  add(atMs: number, picture: Picture): void
  /** As it stood then; before the first picture: the first. `null`: none was kept. */
  at(atMs: number): Picture | null
  clear(): void
}

/** Pictures of a run: about 10 kB each. Past that every other one is let go, so that a long run is seen more coarsely. */
const MAX_PICTURES = 1000

export function createHistory(): History {
  let kept: { readonly atMs: number; readonly text: string }[] = []
  return {
    add(atMs, { clients, nodes, edges, gates, collateral, addressesBlocked, tracker }) {
      const text = JSON.stringify({ clients, nodes, edges, gates, collateral, addressesBlocked, tracker })
      if (kept.at(-1)?.text === text) return
      if (kept.length >= MAX_PICTURES) kept = kept.filter((_, i) => i % 2 === 0)
      kept.push({ atMs, text })
    },
    at(atMs) {
      const found = kept.findLast((each) => each.atMs <= atMs) ?? kept[0]
      return found ? JSON.parse(found.text) : null
    },
    clear() {
      kept = []
    },
  }
}
