/** One scenario from beginning to end, in this process and under a clock of its own. */
import { runScenario } from '../electron/host/lab-run/run-scenario.ts'
import type { Parsed } from '../shared/contract/port.ts'
import type { rehearsalControl } from '../shared/protocol/processes.ts'
import type { RunReport } from '../shared/protocol/run-report.ts'
import { seededRandom } from '../shared/util/random.ts'
import { VirtualClock } from '../shared/util/virtual-clock.ts'
import { drive, type Limits } from './drive.ts'
import { governTime } from './global-time.ts'
import { spawnHere } from './programs.ts'
import { countErrands } from './rest.ts'
import { createWires } from './wires.ts'

export interface PlayOptions extends Parsed<typeof rehearsalControl, 'rehearsal.play'> {
  readonly limits: Limits
  /** When it begins, in epoch milliseconds: certificates must be valid then. */
  readonly startAt: number
  readonly onTrouble: (what: string, facts: object) => void
}

/** Rejects with `Hung`, or as the run does. */
export async function playScenario(options: PlayOptions): Promise<{ report: RunReport; leftOut: string[] }> {
  const { scenario, seed, tampering, dataDir, events, pcap, limits, onTrouble } = options
  const clock = new VirtualClock(options.startAt)
  const wires = createWires()
  const leftOut: string[] = []
  const errands = countErrands()
  const release = governTime(clock, seededRandom(seed))
  try {
    const run = runScenario({
      scenario,
      seed,
      tampering,
      spawn: spawnHere({ clock, seed, wires, onTrouble }),
      connect: async (address) => wires.connect(Number(address.slice(address.lastIndexOf(':') + 1))),
      dataDir,
      clock,
      events,
      pcap,
      onLeftOut: (sentence) => leftOut.push(sentence),
    })
    return { report: await drive(clock, errands, run, limits), leftOut }
  } finally {
    release()
    errands.stop()
  }
}
