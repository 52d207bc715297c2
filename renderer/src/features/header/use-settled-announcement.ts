/** Tells a screen reader of a change once it has settled, and not more often than a person can follow. */
import { useEffect, useRef } from 'react'
import { type Clock, systemClock } from '../../../../shared/util/clock.ts'
import { useAnnouncer } from '../../ui/announcer.tsx'

const SETTLED_MS = 700
const AT_MOST_EVERY_MS = 5_000

/** `identity` says whether it changed in substance; a running countdown inside `text` is no change. */
export function useSettledAnnouncement(identity: string, text: string, clock: Clock = systemClock): void {
  const { say } = useAnnouncer()
  const newest = useRef(text)
  newest.current = text
  const saidAt = useRef(Number.NEGATIVE_INFINITY)

  useEffect(() => {
    if (!identity) return
    const wait = Math.max(SETTLED_MS, saidAt.current + AT_MOST_EVERY_MS - clock.monotonic())
    const timer = clock.after(wait, () => {
      saidAt.current = clock.monotonic()
      say(newest.current)
    })
    return () => timer.cancel()
  }, [identity, say, clock])
}
