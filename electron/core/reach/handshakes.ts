/**
 * How many TLS handshakes of a race are under way at once: few at first, so that a healthy network sees no burst, and never more
 * than two that show the same name to the same address. One that has fallen silent holds nobody else back.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

/** circumvention.md 5.2: at most 4 in flight until 1 s, then as many as of connections at first. */
const CAP_EARLY = 4
const CAP_LATE = 8
const EARLY_MS = 1_000
const CAP_ALIKE = 2

export interface Handshakes {
  /** Calls `begin` when it may, perhaps at once. `alike`: what a box on the way can tell it by. */
  ask(alike: string, begin: () => void): Handshake
  /** Nobody begins any more. */
  stop(): void
}

export interface Handshake {
  /** It is not answered in good time. */
  fellSilent(): void
  /** It is done, failed, or not wanted any more; twice is harmless. */
  end(): void
}

interface Place {
  readonly alike: string
  readonly begin: () => void
  state: 'waiting' | 'hopeful' | 'silent' | 'over'
}

export function createHandshakes(clock: Clock): Handshakes {
  const began = clock.monotonic()
  let places: Place[] = []
  let timer: Timer | null = null
  const cap = () => (clock.monotonic() - began < EARLY_MS ? CAP_EARLY : CAP_LATE)
  const mayBegin = ({ alike }: Place) =>
    places.filter(({ state }) => state === 'hopeful').length < cap() &&
    places.filter((other) => other.state !== 'waiting' && other.alike === alike).length < CAP_ALIKE

  const advance = () => {
    timer?.cancel()
    timer = null
    for (const place of [...places]) {
      if (place.state !== 'waiting' || !mayBegin(place)) continue
      place.state = 'hopeful'
      place.begin()
    }
    const leftMs = began + EARLY_MS - clock.monotonic()
    if (leftMs > 0 && places.some(({ state }) => state === 'waiting')) timer = clock.after(leftMs, advance)
  }
  return {
    ask(alike, begin) {
      const place: Place = { alike, begin, state: 'waiting' }
      places.push(place)
      advance()
      return {
        fellSilent() {
          if (place.state !== 'hopeful') return
          place.state = 'silent'
          advance()
        },
        end() {
          if (place.state === 'over') return
          place.state = 'over'
          places = places.filter((other) => other !== place)
          advance()
        },
      }
    },
    stop() {
      places = []
      timer?.cancel()
      timer = null
    },
  }
}
