/** Notices that a live connection has fallen silent: from our own unanswered writes, within seconds, without guessing from quiet. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

export interface HeartbeatOptions {
  readonly clock: Clock
  /** Sends an echo; its answer is told by `heard` and `answered` as any other. */
  readonly beat: () => void
  readonly onSuspect: (since: number) => void
  readonly onRecovered: () => void
}

export interface Heartbeat {
  /** A request that will be answered was written. */
  wrote(): void
  /** That request was answered, or given up. */
  answered(): void
  /** Anything at all arrived. */
  heard(): void
  /** How long an echo took. */
  sample(ms: number): void
  prod(): void
  stop(): void
}

const BEAT_MS = 10_000
const SUSPECT_LEAST_MS = 1_500

export function createHeartbeat({ clock, beat, onSuspect, onRecovered }: HeartbeatOptions): Heartbeat {
  /** Smoothed round-trip time (RFC 6298 section 2). */
  let srtt: number | null = null
  let outstanding = 0
  let suspected = false
  let watch: Timer | null = null
  let next = clock.after(BEAT_MS, tick)

  function tick() {
    next = clock.after(BEAT_MS, tick)
    beat()
  }
  const listen = () => {
    const since = clock.monotonic()
    watch = clock.after(Math.max(SUSPECT_LEAST_MS, 4 * (srtt ?? 0)), () => {
      watch = null
      suspected = true
      onSuspect(since)
    })
  }
  const unwatch = () => {
    watch?.cancel()
    watch = null
  }
  return {
    wrote() {
      outstanding++
      if (!watch && !suspected) listen()
    },
    answered() {
      outstanding = Math.max(0, outstanding - 1)
      if (outstanding === 0) unwatch()
    },
    heard() {
      unwatch()
      if (suspected) {
        suspected = false
        onRecovered()
      }
      if (outstanding > 0) listen()
    },
    sample(ms) {
      srtt = srtt === null ? ms : srtt + (ms - srtt) / 8
    },
    prod() {
      next.cancel()
      tick()
    },
    stop() {
      next.cancel()
      unwatch()
    },
  }
}
