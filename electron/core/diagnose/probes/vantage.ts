/** Asks somebody elsewhere what he meets at the same address: one of the bundle's proxies, another one each time. */
import type { Endpoint } from '../../../../shared/protocol/bundle.ts'
import { type ProbeDeps, shuffled, start } from './parts.ts'

/** Two, for one of them may be out of order. */
const ASKED = 2

export async function askElsewhere(deps: ProbeDeps, endpoint: Endpoint, address: string, signal: AbortSignal): Promise<void> {
  const { senses, clock, random, observe } = deps
  const { id, plane, port, host } = endpoint
  await Promise.all(
    shuffled(senses.vantages(), random)
      .slice(0, ASKED)
      .map(async (via) => {
        const from = start(clock)
        const outcome = await senses.askVantage(via, { address, port, sni: host, host }, signal)
        if (!signal.aborted) observe({ t: 'vantage', ...from(), plane, role: 'target', via, endpoint: id, address, outcome })
      }),
  )
}
