/** When this process ends: with the pipe to its shell, or when it is told to, and in either case within two seconds. */
import type { Port } from '../shared/contract/port.ts'
import { systemClock } from '../shared/util/clock.ts'
import type { RelayControl } from './control.ts'
import { errorFacts, type Log } from './log.ts'

const END_WITHIN_MS = 1800

export function endWithParent(port: Port, control: RelayControl, log: Log): void {
  let isEnding = false
  const end = (code: number) => {
    if (isEnding) return
    isEnding = true
    systemClock.after(END_WITHIN_MS, () => process.exit(code))
    control
      .stop()
      .catch((error: unknown) => log.error(errorFacts(error), 'stopping failed'))
      .finally(() => process.exit(code))
  }
  port.onClose(() => end(0))
  // Ctrl-C reaches the whole process group; the shell decides when we end, by closing the pipe.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => end(0))
  process.on('uncaughtException', (error) => {
    log.error(errorFacts(error), 'unexpected error')
    end(1)
  })
}
