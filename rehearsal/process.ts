/** Rehearsals as a child process: answers `rehearsalControl` to the shell that started it, and ends when the pipe closes. */
import { BackendError } from '../shared/contract/errors.ts'
import { serve } from '../shared/contract/port.ts'
import { parentProcessPort } from '../shared/contract/process-port.ts'
import { rehearsalControl } from '../shared/protocol/processes.ts'
import { playScenario } from './play.ts'

/** Beyond any scenario, so that one that hangs is said to. */
const LIMITS = { virtualMs: 3_600_000, cpuMs: 180_000 }

const say = (what: string, facts: object) => process.stderr.write(`${JSON.stringify({ what, ...facts })}\n`)
const port = parentProcessPort(process)
let playing = false

serve(
  rehearsalControl,
  port,
  {
    async 'rehearsal.play'(asked) {
      if (playing) throw new BackendError('already-there', 'one scenario at a time')
      playing = true
      try {
        return await playScenario({ ...asked, limits: LIMITS, startAt: Date.now(), onTrouble: say })
      } catch (error) {
        if (error instanceof BackendError) throw error
        throw new BackendError('refused', error instanceof Error ? error.message : String(error))
      } finally {
        playing = false
      }
    },
  },
  (name, error) => say(`${name} failed`, { error: String(error) }),
)
port.onClose(() => process.exit(0))
