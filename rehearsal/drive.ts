/** Lets time pass for as long as something is waited for, and says when it waits in vain. */
import type { VirtualClock } from '../shared/util/virtual-clock.ts'
import { atRest, type Errands } from './rest.ts'

/** Work that did not come to its end. The message is a sentence. */
export class Hung extends Error {
  override readonly name = 'Hung'
}

export interface Limits {
  /** Of the virtual clock. */
  readonly virtualMs: number
  /** Of the system's clock. */
  readonly realMs: number
}

/** Resolves as `work` does. Rejects with `Hung` if it takes longer than the limits, or nothing is left to wait for. */
export async function drive<T>(clock: VirtualClock, errands: Errands, work: Promise<T>, limits: Limits): Promise<T> {
  let done = false
  const finish = () => {
    done = true
  }
  work.then(finish, finish)
  const endsAt = clock.monotonic() + limits.virtualMs
  const deadline = performance.now() + limits.realMs
  for (;;) {
    await atRest(errands)
    if (done) return work
    const next = clock.nextAt()
    if (next === null) throw new Hung('everybody waits and nothing is to come')
    if (next > endsAt) throw new Hung(`it had not ended after ${limits.virtualMs / 1000} s of its own time`)
    if (performance.now() > deadline) throw new Hung(`it had not ended after ${limits.realMs / 1000} s of computing`)
    clock.step()
  }
}
