/**
 * One login at a time within a race: two would each replace the other's session at the relay. Connecting overlaps freely;
 * only the last round trip takes turns, and whoever is not answered in good time loses the turn to the next.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

export interface LoginTurns {
  /**
   * Resolves when it is the caller's turn. After `patienceMs` with somebody waiting, `onLost` tells the holder that the turn
   * went on: it must give up. The returned function gives the turn back; calling it twice is harmless.
   */
  take(patienceMs: number, onLost: () => void): { readonly ready: Promise<void>; readonly release: () => void }
}

interface Place {
  readonly patienceMs: number
  readonly onLost: () => void
  readonly begin: () => void
}

export function createLoginTurns(clock: Clock): LoginTurns {
  const queue: Place[] = []
  let since = 0
  let timer: Timer | null = null

  const advance = () => {
    timer?.cancel()
    timer = null
    since = clock.monotonic()
    queue[0]?.begin()
    watch()
  }
  /** The holder is only pressed while somebody waits. */
  const watch = () => {
    const [holder] = queue
    if (!holder || queue.length < 2 || timer) return
    timer = clock.after(since + holder.patienceMs - clock.monotonic(), () => {
      timer = null
      queue.shift()
      holder.onLost()
      advance()
    })
  }
  return {
    take(patienceMs, onLost) {
      let begin = () => {}
      const ready = new Promise<void>((resolve) => {
        begin = resolve
      })
      const place: Place = { patienceMs, onLost, begin }
      queue.push(place)
      if (queue.length === 1) advance()
      else watch()
      return {
        ready,
        release: () => {
          const at = queue.indexOf(place)
          if (at < 0) return
          queue.splice(at, 1)
          if (at === 0) advance()
        },
      }
    },
  }
}
