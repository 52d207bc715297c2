/** What a box remembers of what passed it in the last minutes: flows, and which services live at which addresses. */
import type { PayloadClass } from '../payload.ts'
import type { Sight } from './sight.ts'

export interface Flow {
  readonly subscriber: string
  readonly to: string
  readonly port: number
  readonly since: number
  opened: boolean
  name: string | null
  look: PayloadClass | null
  up: number
  down: number
  /** When the far end was last heard. */
  heardAt: number
  endedAt: number | null
}

export interface Traffic {
  /** The flow it was about, if it is known. */
  see(atMs: number, sight: Sight): Flow | null
  /** Begun, or still alive, within the last minutes. */
  flows(): Iterable<Flow>
  /** What people call the service at the far end of a flow: by the name they say or looked up; else by the address. */
  serviceOf(flow: Flow): string
  /** Whether anybody but these ever got through to there. */
  isVisitedByOthers(address: string, subscribers: ReadonlySet<string>): boolean
  forget(atMs: number): void
}

/** The last minutes. */
export const WINDOW_MS = 120_000
const QUIET_MS = 300_000
const MAX_FLOWS = 20_000

export function createTraffic(): Traffic {
  const flows = new Map<number, Flow>()
  const names = new Map<string, string>()
  const visitors = new Map<string, Set<string>>()

  return {
    see(atMs, sight) {
      if (sight.t === 'answer') {
        for (const address of sight.addresses) names.set(address, sight.name)
        return null
      }
      if (sight.t === 'probed') return null
      if (sight.t === 'try') {
        const { subscriber, to, port, open } = sight
        const known = flows.get(sight.flow)
        if (known) return known
        const flow = {
          ...{ subscriber, to, port, since: atMs, opened: open },
          ...{ name: null, look: null, up: 0, down: 0, heardAt: open ? atMs : Number.NEGATIVE_INFINITY, endedAt: null },
        }
        flows.set(sight.flow, flow)
        const [oldest] = flows.keys()
        if (flows.size > MAX_FLOWS && oldest !== undefined) flows.delete(oldest)
        if (open) visited(flow)
        return flow
      }
      const flow = flows.get(sight.flow)
      if (!flow) return null
      switch (sight.t) {
        case 'opened':
          flow.opened = true
          flow.heardAt = atMs
          visited(flow)
          break
        case 'look':
          flow.look = sight.look
          flow.name = sight.name ?? flow.name
          if (flow.name !== null) names.set(flow.to, flow.name)
          break
        case 'passed':
          flow[sight.direction] += sight.bytes
          if (sight.direction === 'down') flow.heardAt = atMs
          break
        case 'ended':
          flow.endedAt ??= atMs
          break
        case 'asks':
          break
      }
      return flow
    },
    flows: () => flows.values(),
    serviceOf: ({ name, to }) => name ?? names.get(to) ?? to,
    isVisitedByOthers: (address, subscribers) => [...(visitors.get(address) ?? [])].some((each) => !subscribers.has(each)),
    forget(atMs) {
      for (const [id, flow] of flows) {
        // One that is quiet may speak again; one that has ended will not.
        const due = flow.endedAt === null ? Math.max(flow.since, flow.heardAt) + QUIET_MS : flow.endedAt + WINDOW_MS
        if (due < atMs) flows.delete(id)
      }
    },
  }

  function visited({ to, subscriber }: Flow) {
    const known = visitors.get(to)
    if (known) known.add(subscriber)
    else visitors.set(to, new Set([subscriber]))
  }
}
