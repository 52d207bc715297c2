/** A bridge for others as a process of its own, started by a shell. When the pipe closes it writes its count down and ends. */

import { serve } from '../../../shared/contract/port.ts'
import { parentProcessPort } from '../../../shared/contract/process-port.ts'
import { bridgeControl } from '../../../shared/protocol/processes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { openNetwork } from '../../core/connections.ts'
import { bridgeHandlers } from './control.ts'

/** After this long of orderly ending, end anyway. */
const LAST_MS = 2000

const port = parentProcessPort(process)
const control = bridgeHandlers({
  clock: systemClock,
  openNetwork: (input) => openNetwork(input, systemClock),
  counted: (counts) => served.emit('bridge.counted', counts),
})
// A name and a kind of failure: an error's text may hold an address.
const served = serve(bridgeControl, port, control.handlers, (name, error) => {
  process.stderr.write(`bridge: ${name} failed: ${error instanceof Error ? error.name : 'error'}\n`)
})
// A terminal sends its signals to everybody; the shell ends its processes in order.
process.on('SIGINT', () => {})

const end = () => {
  systemClock.after(LAST_MS, () => process.exit(0))
  void control.close().finally(() => process.exit(0))
}
port.onClose(end)
process.on('SIGTERM', end)
