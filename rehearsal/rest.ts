/**
 * Whether this process has come to rest: nothing it has begun can go on before time does. Node's own lists say what is under way:
 * callbacks for the next turn, and work of the file system. What runs elsewhere and is in none of its lists is counted by `Errands`.
 */
import { webcrypto } from 'node:crypto'

/** Work that is under way elsewhere. */
export interface Errands {
  readonly pending: number
}

const names = ['generateKey', 'importKey', 'exportKey', 'sign', 'verify', 'encrypt', 'decrypt', 'digest', 'deriveBits'] as const
type Method = (this: webcrypto.SubtleCrypto, ...args: unknown[]) => Promise<unknown>

/** Counts what Web Crypto has been asked for, which other threads do and none of Node's lists names; until `stop`. */
export function countErrands(): Errands & { stop(): void } {
  let pending = 0
  const prototype = Object.getPrototypeOf(webcrypto.subtle) as Record<(typeof names)[number], Method> // The interface has these methods.
  const real = Object.fromEntries(names.map((name) => [name, prototype[name]]))
  for (const name of names) {
    const method = prototype[name]
    prototype[name] = async function (...args) {
      pending++
      try {
        return await method.apply(this, args)
      } finally {
        pending--
      }
    }
  }
  return {
    get pending() {
      return pending
    },
    stop: () => void Object.assign(prototype, real),
  }
}

/** Turns of the event loop in which nothing was left to do: one for what streams do on the next turn, one for what that causes, and one more. */
const QUIET_TURNS = 4
const busy = /^(Immediate|FSReq|CloseReq)/

/** Work that did not come to its end. The message is a sentence. */
export class Hung extends Error {
  override readonly name = 'Hung'
}

/** Far more than keys or files take on a busy machine. */
const LONGEST_MS = 60_000

/** Resolves at rest; rejects with `Hung` if that does not come. Timers of the system are no work: nobody who waits for one may be waited for. */
export async function atRest(errands: Errands): Promise<void> {
  const deadline = performance.now() + LONGEST_MS
  for (let quiet = 0; quiet < QUIET_TURNS; ) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    const isBusy = errands.pending > 0 || process.getActiveResourcesInfo().some((kind) => busy.test(kind))
    quiet = isBusy ? 0 : quiet + 1
    if (performance.now() > deadline) throw new Hung('something went on for a minute while no time passed')
  }
}
