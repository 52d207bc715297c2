/** Where to put files that need not outlive the moment. */
import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'

const SHARED = '/dev/shm'

/** A folder that lies in memory, if this system has one: a rehearsal syncs thousands of times and keeps nothing. Else the one for temporary files. */
export function memoryFolder(): string {
  try {
    accessSync(SHARED, constants.W_OK)
    return SHARED
  } catch {
    return tmpdir()
  }
}
