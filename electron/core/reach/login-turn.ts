/**
 * One login at a time within a race, but hedged: connecting overlaps freely, the last round trip takes turns, and when a login is
 * not answered in good time the next one begins beside it. The relay keeps logins of one race side by side, so whichever is
 * answered first can be taken.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

export interface LoginTurns {
  /** `ready` resolves when a login may begin that should be answered within `patienceMs`. `release`: it failed, or is not wanted any more; twice is harmless. */
  take(patienceMs: number): { readonly ready: Promise<void>; readonly release: () => void }
}

interface Place {
  readonly patienceMs: number
  readonly begin: () => void
}

export function createLoginTurns(clock: Clock): LoginTurns {
  const waiting: Place[] = []
  /** Under way, the newest last; whoever is not the newest had its time. */
  const flying: Place[] = []
  let since = 0
  let timer: Timer | null = null

  const advance = () => {
    timer?.cancel()
    timer = null
    const [next] = waiting
    if (!next) return
    const newest = flying.at(-1)
    const leftMs = newest ? since + newest.patienceMs - clock.monotonic() : 0
    if (leftMs > 0) {
      timer = clock.after(leftMs, advance)
      return
    }
    waiting.shift()
    flying.push(next)
    since = clock.monotonic()
    next.begin()
    advance()
  }
  /** Where the newest gives up, those before it had their time already. */
  const forget = (place: Place, list: Place[]) => {
    const at = list.indexOf(place)
    if (at >= 0) list.splice(at, 1)
    return at >= 0 && at === list.length
  }
  return {
    take(patienceMs) {
      let begin = () => {}
      const ready = new Promise<void>((resolve) => {
        begin = resolve
      })
      const place: Place = { patienceMs, begin }
      waiting.push(place)
      advance()
      return {
        ready,
        release: () => {
          forget(place, waiting)
          if (forget(place, flying)) since = Number.NEGATIVE_INFINITY
          advance()
        },
      }
    },
  }
}
