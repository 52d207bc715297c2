/**
 * Which addresses the censor takes for entrances of the service, and why. Certain are only those that the service's own public names
 * lead to, or that answer as a proxy; the rest it infers from who goes where after a block.
 */
import type { Sight } from './sight.ts'
import type { Flow, Traffic } from './traffic.ts'
import { WINDOW_MS } from './traffic.ts'

/** Why an address is suspected; `what` is the name, target or subscriber count that it rests on. */
export interface Reason {
  readonly code: 'answered' | 'named' | 'asks' | 'reconnect' | 'stayed' | 'lasting' | 'probed'
  readonly what: string
}

export interface Suspect {
  readonly address: string
  readonly port: number
  readonly since: number
  /** From 0 to 1; from `SURE` on it is acted on. */
  sure: number
  reasons: Reason[]
  /** The server names its users say in the clear. */
  readonly names: Set<string>
  /** When somebody was last heard from there. */
  aliveAt: number
  isProbed: boolean
}

export const SURE = 0.6
/** So long after a block somebody cut off turns up elsewhere: within this it counts as "right after". */
const AFTER_MS = 20_000

export interface Suspects {
  see(atMs: number, sight: Sight, flow: Flow | null): void
  /** Looks at all flows again. `blockedAt`: when something was last blocked; `stayMs`: how long a connection lasts that counts as lasting. */
  weigh(atMs: number, blockedAt: number | null, stayMs: number): void
  list(): readonly Suspect[]
  isSure(address: string): boolean
  /** Whose subscribers went to one of them in the last minutes. */
  users(atMs: number): ReadonlySet<string>
  /** A name of the service, or one that is said to a sure suspect only. */
  isItsName(name: string): boolean
}

/** `seeds`: the service's public domains. `own`: addresses it made up itself, as the false page's. */
export function createSuspects(seeds: readonly string[], own: ReadonlySet<string>, traffic: Traffic): Suspects {
  const suspects = new Map<string, Suspect>()
  const seen = new Map<string, number>()
  const isSeed = (name: string) => seeds.some((seed) => name === seed || name.endsWith(`.${seed}`))
  const isSure = (address: string) => (suspects.get(address)?.sure ?? 0) >= SURE

  const suspect = (atMs: number, address: string, port: number, sure: number, reason: Reason) => {
    let each = suspects.get(address)
    if (!each) {
      each = {
        ...{ address, port, since: atMs, sure: 0, reasons: [], names: new Set<string>() },
        ...{ aliveAt: Number.NEGATIVE_INFINITY, isProbed: false },
      }
      suspects.set(address, each)
    }
    each.sure = Math.max(each.sure, sure)
    if (!each.reasons.some(({ code }) => code === reason.code)) each.reasons = [...each.reasons, reason]
    return each
  }
  const users = (atMs: number) => new Set([...seen].filter(([, last]) => last > atMs - WINDOW_MS).map(([subscriber]) => subscriber))

  return {
    list: () => [...suspects.values()],
    isSure,
    users,
    isItsName: (name) =>
      isSeed(name) ||
      ([...suspects.values()].some((each) => each.sure >= SURE && each.names.has(name)) &&
        ![...traffic.flows()].some((flow) => flow.name === name && flow.opened && !isSure(flow.to))),
    see(atMs, sight, flow) {
      if (sight.t === 'answer' && isSeed(sight.name)) {
        for (const address of sight.addresses) if (!own.has(address)) suspect(atMs, address, 443, 1, { code: 'answered', what: sight.name })
      }
      if (sight.t === 'probed') {
        const each = suspects.get(sight.to)
        if (each) each.isProbed = true
        if (sight.proxy) suspect(atMs, sight.to, sight.port, 1, { code: 'probed', what: String(sight.port) })
      }
      if (!flow) return
      if (sight.t === 'look' && sight.name !== null && isSeed(sight.name)) {
        suspect(atMs, flow.to, flow.port, 1, { code: 'named', what: sight.name })
      }
      if (sight.t === 'asks' && (isSure(sight.target) || isSeed(sight.target))) {
        suspect(atMs, flow.to, flow.port, 0.9, { code: 'asks', what: sight.target })
      }
      const known = suspects.get(flow.to)
      if (!known || known.sure < SURE) return
      seen.set(flow.subscriber, atMs)
      if (flow.name !== null) known.names.add(flow.name)
      if (sight.t === 'opened' || (sight.t === 'passed' && sight.direction === 'down')) known.aliveAt = atMs
    },
    weigh(atMs, blockedAt, stayMs) {
      const ours = users(atMs)
      for (const flow of traffic.flows()) {
        const lasts = flow.endedAt === null && atMs - flow.since >= stayMs && flow.heardAt > flow.since && atMs - flow.heardAt <= 2 * stayMs
        if (!lasts || flow.up === 0 || flow.down === 0 || isSure(flow.to)) continue
        // Somebody else goes there, if only whoever this is: no user of the service.
        if (traffic.isVisitedByOthers(flow.to, ours)) continue
        const isNew = blockedAt !== null && flow.since >= blockedAt && flow.since - blockedAt <= AFTER_MS
        const stayed = blockedAt !== null && flow.since < blockedAt && flow.heardAt > blockedAt + stayMs
        const isStrange = flow.name === null || (flow.look !== 'tls' && flow.look !== 'http')
        const sure = 0.35 + (isNew ? 0.3 : stayed ? 0.25 : 0) + (isStrange ? 0.15 : 0)
        const code = isNew ? 'reconnect' : stayed ? 'stayed' : 'lasting'
        const each = suspect(atMs, flow.to, flow.port, sure, { code, what: flow.subscriber })
        each.aliveAt = Math.max(each.aliveAt, flow.heardAt)
        if (flow.name !== null && each.sure >= SURE) each.names.add(flow.name)
      }
    },
  }
}
