/**
 * Asks somebody elsewhere what he meets at the same address: one of the bundle's proxies, and another only where that one cannot tell. Whoever
 * watches this network sees which proxy is asked, so as few as possible are.
 */
import type { Endpoint } from '../../../../shared/protocol/bundle.ts'
import { type ProbeDeps, start } from './parts.ts'

/** Two, for one of them may be out of order. */
const ASKED = 2

export async function askElsewhere(deps: ProbeDeps, endpoint: Endpoint, address: string, signal: AbortSignal): Promise<void> {
  const { senses, clock, observe } = deps
  const { id, plane, port, host } = endpoint
  for (const via of senses.vantages().slice(0, ASKED)) {
    const from = start(clock)
    const outcome = await senses.askVantage(via, { address, port, sni: host, host }, signal)
    if (signal.aborted) return
    observe({ t: 'vantage', ...from(), plane, role: 'target', via, endpoint: id, address, outcome })
    if (outcome.kind !== 'no-vantage') return
  }
}
