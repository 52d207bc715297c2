/** One scenario from beginning to end, in this process and under a clock of its own. */
import { runScenario } from '../electron/host/lab-run/run-scenario.ts'
import type { Parsed } from '../shared/contract/port.ts'
import type { rehearsalControl } from '../shared/protocol/processes.ts'
import type { RunReport } from '../shared/protocol/run-report.ts'
import { enterVirtualTime, type Limits, type VirtualTimeOptions } from './virtual-time.ts'

export type PlayOptions = Parsed<typeof rehearsalControl, 'rehearsal.play'> & VirtualTimeOptions & { readonly limits: Limits }

/** Rejects with `Hung`, or as the run does. */
export async function playScenario(options: PlayOptions): Promise<{ report: RunReport; leftOut: string[] }> {
  const { scenario, seed, tampering, dataDir, events, pcap, limits } = options
  const leftOut: string[] = []
  const { clock, spawn, connect, during, leave } = enterVirtualTime(options)
  try {
    const onLeftOut = (sentence: string) => void leftOut.push(sentence)
    const run = runScenario({ scenario, seed, tampering, spawn, connect, dataDir, clock, events, pcap, onLeftOut })
    return { report: await during(run, limits), leftOut }
  } finally {
    leave()
  }
}
