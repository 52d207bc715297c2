/**
 * Notices that the store was put back to an older copy of itself: its generation rises at every start and, while something
 * is sealed, once a minute, first in the store and then in the witness beside it. Only a store behind its witness was put
 * back; one ahead of it was killed in between.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import { errorFacts, type Log } from '../log.ts'
import type { ValueStore } from '../store/values.ts'
import type { Witness } from '../store/witness.ts'

export interface Generation {
  /** The store is older than its witness. Stays so until the next start. */
  readonly isOlder: boolean
  /** What `isOlder` asks for is done and on the disk: from now on this store is the newest. */
  begin(): void
  /** Something was sealed. */
  used(): void
  close(): void
}

export interface GenerationDeps {
  readonly values: ValueStore
  readonly witness: Witness
  readonly clock: Clock
  readonly log: Log
}

const KEY = 'secret.generation'
const EVERY_MS = 60_000

export function createGeneration({ values, witness, clock, log }: GenerationDeps): Generation {
  const known = Number(values.get(KEY) ?? 0)
  const seen = witness.read()
  // A store that was moved by hand comes without one: nothing says that it is old.
  if (seen === null && known > 0) log.warn('nothing beside the store says whether it is the newest')
  let highest = Math.max(known, seen ?? 0)
  let timer: Timer | null = null

  const raise = () => {
    highest += 1
    // In this order: killed in between, the store is ahead and not behind.
    values.set(KEY, String(highest))
    try {
      witness.write(highest)
    } catch (error) {
      // A full disk, say. The store being ahead is no harm.
      log.warn('the generation of the store was not written beside it', errorFacts(error))
    }
  }

  return {
    isOlder: seen !== null && seen > known,
    begin: raise,
    used() {
      timer ??= clock.after(EVERY_MS, () => {
        timer = null
        raise()
      })
    },
    close: () => timer?.cancel(),
  }
}
