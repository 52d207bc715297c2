/** The time now, ticking while something on screen counts; still otherwise. */
import { useEffect, useState } from 'react'
import { systemClock } from '../../../../shared/util/clock.ts'

export function useNow(everyMs: number, ticking: boolean): number {
  const [now, setNow] = useState(() => systemClock.now())
  useEffect(() => {
    if (!ticking) return
    setNow(systemClock.now())
    const timer = setInterval(() => setNow(systemClock.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs, ticking])
  return now
}
