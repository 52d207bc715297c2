/** What each step of the adaptive censor really cost: which strangers' services fell by it, and for how long. Measured by the lab's own people, apart from what the censor reckons. */
import type { Bill } from '../../shared/contract/adaptive.ts'
import { hits, type Order, orderId } from '../censor/adaptive/ladder.ts'
import type { Decision } from '../censor/adaptive/policy.ts'
import type { Host } from '../engine/world.ts'

export interface Bills {
  imposed(atMs: number, decision: Extract<Decision, { do: 'impose' }>): void
  lifted(orders: readonly Order[]): void
  /** Looks who is down now. */
  look(atMs: number): void
  list(atMs: number): Bill[]
}

interface Open {
  readonly atMs: number
  readonly decision: Extract<Decision, { do: 'impose' }>
  readonly standing: Set<string>
  readonly fell: Map<string, { ms: number; since: number | null }>
}

/** Enough for any play that a person follows. */
const MAX_BILLS = 200

export function createBills(neighbours: () => readonly Host[], isUp: (host: string) => boolean): Bills {
  const bills: Open[] = []
  return {
    imposed(atMs, decision) {
      bills.push({ atMs, decision, standing: new Set(decision.orders.map(orderId)), fell: new Map() })
      if (bills.length > MAX_BILLS) bills.shift()
    },
    lifted(orders) {
      for (const { standing } of bills) for (const order of orders) standing.delete(orderId(order))
    },
    look(atMs) {
      for (const host of neighbours()) {
        const payer = bills.find((bill) => [...bill.fell].some(([name, { since }]) => name === host.title && since !== null))
        if (isUp(host.id)) {
          const fall = payer?.fell.get(host.title)
          if (fall?.since != null) {
            fall.ms += atMs - fall.since
            fall.since = null
          }
        } else if (!payer) {
          const by = bills.findLast((bill) => bill.decision.orders.some((order) => bill.standing.has(orderId(order)) && isHit(order, host)))
          by?.fell.set(host.title, { ms: by.fell.get(host.title)?.ms ?? 0, since: atMs })
        }
      }
    },
    list: (atMs) =>
      bills.map(({ atMs: at, decision: { rung, orders, cost }, standing, fell }) => ({
        atMs: at,
        rung,
        target: orders.map((order) => order.target).join(' '),
        cost: cost.length,
        fell: [...fell].map(([name, { ms, since }]) => ({ name, ms: Math.round(ms + (since === null ? 0 : atMs - since)) })),
        lifted: standing.size === 0,
      })),
  }
}

function isHit(order: Order, { addresses, names, kind }: Host): boolean {
  const look = kind === 'echo' ? 'opaque' : 'tls'
  return addresses.some((to) => hits(order, { to, name: kind === 'echo' ? null : (names[0] ?? null), look }))
}
