/** The relay as a process of its own, started by a shell. When the control pipe closes it finishes what it accepted and ends. */
import { parentProcessPort } from '../shared/contract/process-port.ts'
import { systemClock } from '../shared/util/clock.ts'
import { serveRelayControl } from './control.ts'
import { endWithParent } from './lifetime.ts'
import { createLog } from './log.ts'
import { listen } from './server.ts'
import { openStore } from './store/store.ts'

const port = parentProcessPort(process)
const log = createLog()
endWithParent(port, serveRelayControl(port, { openStore, listen, clock: systemClock, log }), log)
