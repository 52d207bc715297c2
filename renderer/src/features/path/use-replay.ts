/** The slow replay of a race: a moment that moves at a tenth of the speed, or where the person puts it. `null`: the race as it is. */
import { useCallback, useEffect, useState } from 'react'

const SLOWER = 10
/** Who wants no motion is shown so many stills, each for so long. */
const STILLS = 8
const STILL_MS = 1200

export interface Replay {
  readonly moment: number | null
  readonly playing: boolean
  play(): void
  stop(): void
  seek(ms: number): void
}

/** `raceAt` names the race: a new one ends the replay of the last. */
export function useReplay(spanMs: number, raceAt: number | null): Replay {
  const [state, setState] = useState<{ raceAt: number | null; moment: number | null; playing: boolean }>({
    raceAt,
    moment: null,
    playing: false,
  })
  const current = state.raceAt === raceAt ? state : { raceAt, moment: null, playing: false }
  const { playing } = current

  useEffect(() => {
    if (!playing) return
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      const timer = setInterval(() => {
        setState((now) => {
          const moment = (now.moment ?? 0) + spanMs / STILLS
          return moment >= spanMs ? { ...now, moment: null, playing: false } : { ...now, moment }
        })
      }, STILL_MS)
      return () => clearInterval(timer)
    }
    let frame = 0
    let before: number | null = null
    const step = (time: number) => {
      const passed = before === null ? 0 : (time - before) / SLOWER
      before = time
      setState((now) => {
        const moment = (now.moment ?? 0) + passed
        return moment >= spanMs ? { ...now, moment: null, playing: false } : { ...now, moment }
      })
      frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }, [playing, spanMs])

  const play = useCallback(() => setState({ raceAt, moment: 0, playing: true }), [raceAt])
  const stop = useCallback(() => setState((now) => ({ ...now, playing: false })), [])
  const seek = useCallback((ms: number) => setState({ raceAt, moment: ms >= spanMs ? null : ms, playing: false }), [raceAt, spanMs])
  return { moment: current.moment, playing, play, stop, seek }
}
