/** The engine as a process of its own, started by a shell. When the control pipe closes it writes everything down and ends. */
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import * as v from 'valibot'
import { parentProcessPort } from '../../shared/contract/process-port.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { createConnections, openTcp } from './connections.ts'
import { serveCoreControl } from './control.ts'
import { createCore } from './index.ts'
import { errorFacts, type Log, type LogFacts } from './log.ts'
import { systemRandom } from './system-random.ts'

/** Whoever cannot write everything down in this time is ended; nothing that was accepted is lost by it. */
const LAST_MS = 2000

// Synchronous: what was said right before the end must not be lost with it.
const lines = pino({ base: { process: 'core' } }, pino.destination({ dest: 2, sync: true }))
const log: Log = {
  info: (event: string, facts: LogFacts = {}) => lines.info(facts, event),
  warn: (event: string, facts: LogFacts = {}) => lines.warn(facts, event),
}

// The shell starts the process again; a state that nobody foresaw is no state to go on in.
const crash = (error: unknown) => {
  log.warn('engine ends itself', errorFacts(error))
  process.exit(1)
}
process.on('uncaughtException', crash)
process.on('unhandledRejection', crash)
// A terminal sends its signals to everybody; the shell ends its processes in order.
process.on('SIGINT', () => {})

// It lies beside the folder of the programs.
const { version } = v.parse(
  v.object({ version: v.string() }),
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
)
const clock = systemClock
const random = systemRandom
const port = parentProcessPort(process)
const control = serveCoreControl(port, {
  version,
  clock,
  random,
  log,
  createCore,
  connect: async (input, profile, bundle) => createConnections(input, profile, bundle, { clock, random, log, openTcp }),
})

const end = () => {
  clock.after(LAST_MS, () => process.exit(0))
  control.stop().then(() => process.exit(0), crash)
}
port.onClose(end)
process.on('SIGTERM', end)
