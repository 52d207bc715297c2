/**
 * Notices that a live connection has fallen silent: from our own unanswered writes, in about the time in which they should have
 * been answered twice, without guessing from quiet. While nothing is to be written it asks for an echo now and then, sooner
 * while the connection is in use.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

export interface HeartbeatOptions {
  readonly clock: Clock
  /** What the login took, ms: the first round trip known. */
  readonly rttMs: number
  /** Sends an echo; its answer is told by `heard` and `answered` as any other. */
  readonly beat: () => void
  readonly onSuspect: (since: number) => void
  readonly onRecovered: () => void
  /** Whether nothing is ever asked of it but echoes: one now and then is enough. */
  readonly isIdle?: () => boolean
}

export interface Heartbeat {
  /** Somebody writes or is written to: not a time to be slow in noticing. */
  used(): void
  /** A request that will be answered was written. */
  wrote(): void
  /** That request was answered, or given up. */
  answered(): void
  /** Anything at all arrived. */
  heard(): void
  /** How long an answer took. */
  sample(ms: number): void
  /** Asks for an echo now. */
  prod(): void
  stop(): void
}

/** How long it may be quiet before an echo is asked for: in use, and not. */
const QUIET_IN_USE_MS = 3_000
const QUIET_MS = 10_000
const QUIET_IDLE_MS = 25_000
/** How long a connection counts as in use. */
const IN_USE_MS = 30_000
/** One packet that was lost is sent again and answered within this; a connection is not given up for one. */
const PATIENCE_LEAST_MS = 350
/** Answers that came very late, from a relay under a flood or by a throttled line, make nobody wait longer than this for the next. */
const PATIENCE_MOST_MS = 3_000

export function createHeartbeat({ clock, rttMs, beat, onSuspect, onRecovered, isIdle = () => false }: HeartbeatOptions): Heartbeat {
  // Smoothed round-trip time and its variation (RFC 6298 section 2).
  let srtt = rttMs
  let rttvar = rttMs / 2
  let outstanding = 0
  let suspected = false
  let usedAt = Number.NEGATIVE_INFINITY
  let watch: Timer | null = null
  let next: Timer | null = null

  /** In which an answer should have come: RFC 6298 section 2.3, and two round trips, within bounds. */
  const patience = () => Math.min(PATIENCE_MOST_MS, Math.max(PATIENCE_LEAST_MS, 2 * srtt, srtt + 4 * rttvar))
  const rest = () => {
    next?.cancel()
    const quietMs = isIdle() ? QUIET_IDLE_MS : clock.monotonic() - usedAt < IN_USE_MS ? QUIET_IN_USE_MS : QUIET_MS
    next = clock.after(quietMs, tick)
  }
  const tick = () => {
    rest()
    beat()
  }
  /** A request may take the relay long; an echo does not. So silence is believed only after an echo went unanswered too. */
  const listen = () => {
    const since = clock.monotonic()
    watch = clock.after(patience(), () => {
      watch = clock.after(patience(), () => {
        watch = null
        suspected = true
        onSuspect(since)
      })
      beat()
    })
  }
  const unwatch = () => {
    watch?.cancel()
    watch = null
  }
  rest()
  return {
    used() {
      usedAt = clock.monotonic()
    },
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
      rest()
      if (suspected) {
        suspected = false
        onRecovered()
      }
      if (outstanding > 0) listen()
    },
    sample(ms) {
      rttvar += (Math.abs(srtt - ms) - rttvar) / 4
      srtt += (ms - srtt) / 8
    },
    prod: tick,
    stop() {
      next?.cancel()
      unwatch()
    },
  }
}
