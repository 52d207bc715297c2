/** Scenarios played under the virtual clock, several processes side by side, each with one scenario at a time. */
import { availableParallelism } from 'node:os'
import { BackendError } from '../../shared/contract/errors.ts'
import { connect } from '../../shared/contract/port.ts'
import { rehearsalControl, type Tampering } from '../../shared/protocol/processes.ts'
import type { RunReport } from '../../shared/protocol/run-report.ts'
import { endChild } from '../host/child.ts'
import { memoryFolder } from '../host/memory-folder.ts'
import { clock, spawn, withTemporaryFolder } from './parts.ts'

export interface Runs {
  readonly seed: number
  readonly tampering: Tampering | null
  readonly events?: string | undefined
  readonly pcap?: string | undefined
  /** Told in words what could not be kept. */
  readonly onLeftOut: (sentence: string) => void
}

/** More than two gain little: each scenario is short, and a small machine has no more. */
const MOST_PROCESSES = 2
/** On a machine with other things to do. A process that has not answered by then is ended. */
const LONGEST_MS = 900_000

/**
 * Plays all of them and gives their reports in this order, each as soon as it and those before it are there. One that hangs or breaks has
 * a report that says so. Throws what the asker got wrong: `no-such-scenario`, `bad-input`.
 */
export async function* playVirtually(scenarios: readonly string[], runs: Runs): AsyncGenerator<RunReport> {
  const players = Array.from({ length: Math.min(MOST_PROCESSES, availableParallelism(), scenarios.length) }, () => createPlayer(runs))
  const withOne = shareOut(players)
  const reports = scenarios.map((scenario) => withOne((player) => player.play(scenario)))
  // What goes wrong with one is told when it is its turn.
  for (const report of reports) report.catch(() => {})
  try {
    for (const report of reports) yield await report
  } finally {
    await Promise.all(players.map((player) => player.stop()))
  }
}

/** Each use gets one of `members` for itself, in the order in which they asked. */
function shareOut<M>(members: readonly M[]): <T>(use: (member: M) => Promise<T>) => Promise<T> {
  const free = [...members]
  const waiting: ((member: M) => void)[] = []
  return async (use) => {
    const member = free.pop() ?? (await new Promise<M>((resolve) => waiting.push(resolve)))
    try {
      return await use(member)
    } finally {
      const next = waiting.shift()
      if (next) next(member)
      else free.push(member)
    }
  }
}

/** A process that plays one scenario after the other, started when it is needed. */
function createPlayer({ onLeftOut, ...asked }: Runs) {
  let process: ReturnType<typeof startProcess> | null = null
  let stopped = false
  const end = async () => {
    const ending = process
    process = null
    if (ending) await endChild(ending.child)
  }
  const ask = async (scenario: string, dataDir: string): Promise<RunReport> => {
    if (stopped) throw new BackendError('closed')
    process ??= startProcess()
    const { client, child } = process
    const limit = clock.after(LONGEST_MS, child.kill)
    try {
      const { report, leftOut } = await client.call('rehearsal.play', { ...asked, scenario, dataDir })
      for (const sentence of leftOut) onLeftOut(sentence)
      return report
    } finally {
      limit.cancel()
    }
  }
  return {
    play: (scenario: string) =>
      withTemporaryFolder(async (dataDir) => {
        try {
          return await ask(scenario, dataDir)
        } catch (error) {
          if (!(error instanceof BackendError) || error.code === 'no-such-scenario' || error.code === 'bad-input') throw error
          // Who hung or broke is not to be trusted with another.
          await end()
          return brokenRun(scenario, asked.seed, error.code === 'closed' ? 'its process ended before it was over' : error.detail)
        }
      }, memoryFolder()),
    async stop() {
      stopped = true
      await end()
    },
  }
}

function startProcess() {
  const child = spawn('rehearsal')
  return { child, client: connect(rehearsalControl, child.port) }
}

/** The report of a run that did not come to its end: nothing in it is ok. */
function brokenRun(scenario: string, seed: number, why: string): RunReport {
  const check = { id: 'played-to-the-end', ok: false, expected: 'The run comes to its end.', seen: why }
  return {
    scenario,
    seed,
    truth: { ok: false, checks: [check] },
    delivery: { ok: false, sent: 0, delivered: 0, lost: 0, duplicated: 0, ordered: false, maxGapMs: 0, links: [] },
    verdicts: { ok: false, steps: [] },
    moves: [],
    path: null,
    connectMs: null,
    plain: { connected: false, ms: 0 },
    collateral: [],
  }
}
