import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

test('whatever was set and cancelled, the rest runs in the order of its times, and of setting where times are equal', () => {
  const set = fc.record({ ms: fc.nat(20), cancels: fc.option(fc.nat(40), { nil: null }), advance: fc.constantFrom(0, 0, 3) })
  fc.assert(
    fc.property(fc.array(set, { maxLength: 60 }), (sets) => {
      const clock = new VirtualClock()
      const ran: number[] = []
      const timers = sets.map(({ ms, cancels, advance }, id) => {
        const at = clock.monotonic() + ms
        const timer = clock.after(ms, () => {
          expect(clock.monotonic()).toBe(at)
          ran.push(id)
        })
        const entry = { id, at, timer, cancelled: false }
        return { entry, cancels, advance }
      })
      for (const { cancels, advance } of timers) {
        const other = cancels === null ? undefined : timers[cancels]?.entry
        if (other && !ran.includes(other.id)) {
          other.timer.cancel()
          other.cancelled = true
        }
        clock.advance(advance)
      }
      clock.advance(100)
      const due = timers.map(({ entry }) => entry).filter(({ cancelled }) => !cancelled)
      expect(ran).toEqual(due.sort((a, b) => a.at - b.at || a.id - b.id).map(({ id }) => id))
      expect([clock.nextAt(), clock.step()]).toEqual([null, false])
    }),
  )
})

test('a wait too short for the clock to tell still ends later than now', () => {
  const clock = new VirtualClock(1_790_000_000_000)
  const before = clock.monotonic()
  clock.after(1e-9, () => {})
  clock.step()
  expect(clock.monotonic()).toBeGreaterThan(before)
})
