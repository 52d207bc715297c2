/** A race whose attempts behave as a table says, on a virtual clock; it counts what is open and what is still to come. R is 80 ms. */

import { DialError, type DialReason } from '../../../electron/core/net/errors.ts'
import type { Candidate, Choices } from '../../../electron/core/reach/candidates.ts'
import { plan } from '../../../electron/core/reach/plan.ts'
import { type Race, type Report, race, type Won } from '../../../electron/core/reach/race.ts'
import type { Endpoint, ProxyEntry } from '../../../shared/protocol/bundle.ts'
import { sleep } from '../../../shared/util/clock.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { countedClock } from '../../support/counted-clock.ts'

export const R = 80
export const endpoint = (id: string, host: string, ...addresses: string[]): Endpoint => ({
  id,
  plane: 'chat',
  host,
  port: 443,
  addresses,
  provider: id,
})
export const proxies = (count: number): ProxyEntry[] =>
  Array.from({ length: count }, (_, i) => ({ id: `p${i}`, kind: 'socks5', address: `240.32.0.${i + 1}`, port: 1080 }))
export const choices = (changes: Partial<Choices> = {}): Choices => ({
  endpoints: [endpoint('a', 'chat.test', '240.16.0.10', '240.16.0.11'), endpoint('b', 'other.test', '240.17.0.10')],
  proxies: proxies(10),
  carrier: 'ws',
  v6: false,
  learned: [],
  remembered: [],
  doubted: new Set(),
  round: 0,
  ...changes,
})

/** How one way behaves: works, or fails by `reason` at a phase; silence lasts until the time limit of that phase. */
export type Fate = 'works' | { readonly at: 'reach' | 'encrypt' | 'recognise'; readonly reason: DialReason | 'silence' }

export interface Played {
  readonly won: Won<string> | null
  /** `time recipe's target`, as started. */
  readonly started: readonly string[]
  /** When each was, by recipe. */
  readonly startedMs: ReadonlyMap<string, number>
  readonly race: Race<string>
  /** Connections, and timers of the race and its attempts, that are left. */
  readonly open: number
  readonly pending: number
}

export interface Conditions {
  /** Round trip by this way, ms. */
  readonly rtt?: (candidate: Candidate) => number
  /** The race is given up so long after its start. */
  readonly abortAtMs?: number
  /** Where the clock begins: its finest step is coarser the later that is. */
  readonly startAt?: number
}

const name = ({ proxy, recipe: { address, sni, host, split } }: Candidate) =>
  proxy ? `proxy ${proxy.id}` : sni === host && split === null ? address : `${address} ${split ?? sni ?? 'nameless'}`

export async function play(
  fate: (candidate: Candidate) => Fate,
  changes: Partial<Choices> = {},
  s = 200,
  isUrgent = false,
  conditions: Conditions = {},
): Promise<Played> {
  const { rtt = () => R, abortAtMs, startAt = 0 } = conditions
  const virtual = new VirtualClock(startAt)
  const { clock, pending } = countedClock(virtual)
  const started: string[] = []
  const startedMs = new Map<string, number>()
  let open = 0
  const limits = { reach: 8_000, encrypt: 3_000, recognise: 8_000 }
  const attempt = async (candidate: Candidate, report: Report, signal: AbortSignal): Promise<string> => {
    const at = clock.monotonic() - startAt
    started.push(`${at} ${name(candidate)}`)
    startedMs.set(candidate.text, at)
    open++
    try {
      const way = fate(candidate)
      for (const phase of ['reach', 'encrypt', 'recognise'] as const) {
        await report(phase)
        // A proxy adds a round trip for its greeting and one for its CONNECT; the upgrade and the login are two.
        const trips = phase === 'reach' && candidate.proxy ? 3 : phase === 'recognise' ? 2 : 1
        if (way !== 'works' && way.at === phase) {
          await sleep(clock, way.reason === 'silence' ? limits[phase] : rtt(candidate), signal)
          throw new DialError(way.reason === 'silence' ? 'timeout' : way.reason)
        }
        await sleep(clock, trips * rtt(candidate), signal)
      }
      return candidate.text
    } catch (error) {
      open--
      throw error
    }
  }
  let ids = 0
  const abort = new AbortController()
  if (abortAtMs !== undefined) virtual.after(abortAtMs, () => abort.abort())
  const running = race({
    clock,
    starts: plan(choices(changes), { s, isUrgent }),
    nextId: () => ++ids,
    attempt,
    discard: () => void open--,
    onChange: () => {},
    onFailed: () => {},
    signal: abort.signal,
  })
  let won: Won<string> | null | undefined
  void running.result.then((result) => {
    won = result
  })
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  for (let i = 0; won === undefined && i < 2_000; i++) {
    await settle()
    if (won === undefined) virtual.step()
  }
  await settle()
  return { won: won ?? null, started, startedMs, race: running, open, pending: pending() }
}
