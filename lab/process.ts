/** The lab as a child process: answers `labControl` to the shell that started it, and ends when the pipe closes. */
import { serve } from '../shared/contract/port.ts'
import { parentProcessPort } from '../shared/contract/process-port.ts'
import { labControl } from '../shared/protocol/processes.ts'
import { seededRandom } from '../shared/util/random.ts'
import { loopbackCarrier } from './carrier.ts'
import { labHandlers } from './control.ts'
import { promptClock } from './prompt-clock.ts'

const port = parentProcessPort(process)
const control = labHandlers({
  clock: promptClock,
  // The world's draws are repeatable; nothing secret is made of them.
  random: seededRandom,
  carrier: loopbackCarrier,
  signatures: 'ecdsa',
  emit: (name, payload) => served.emit(name, payload),
})
const served = serve(labControl, port, control.handlers, (name, error) => {
  process.stderr.write(`lab: ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
})
port.onClose(() => {
  void control.close().finally(() => process.exit(0))
})
