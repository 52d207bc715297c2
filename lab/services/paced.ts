/** A stream held to a rate each way, whose answers come so much later: a machine or a line that is merely slow. */
import type { Duplex } from 'node:stream'
import { Transform } from 'node:stream'
import type { Clock } from '../../shared/util/clock.ts'

export interface Pace {
  /** Absent: no limit. */
  readonly kbps?: number | undefined
  readonly delayMs: number
}

/** Joins the two; what `near` is sent waits, what it says is held to the rate. A failure of either ends both. */
export function joinPaced(clock: Clock, near: Duplex, far: Duplex, { kbps, delayMs }: Pace): void {
  const endBoth = () => {
    near.destroy()
    far.destroy()
  }
  near.on('error', endBoth)
  far.on('error', endBoth)
  near.pipe(paced(clock, kbps, 0)).pipe(far)
  far.pipe(paced(clock, kbps, delayMs)).pipe(near)
}

function paced(clock: Clock, kbps: number | undefined, delayMs: number): Transform {
  let freeAt = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const now = clock.monotonic()
      // The delay is a latency: chunks that follow at once do not each wait for all of it.
      freeAt = Math.max(now + delayMs, freeAt) + (kbps === undefined ? 0 : (chunk.length * 8) / kbps)
      clock.after(freeAt - now, () => done(null, chunk))
    },
  })
}
