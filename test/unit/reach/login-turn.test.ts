/** Logins of one race: one at a time, and another beside one that is not answered in good time. */
import { expect, it } from 'vitest'
import { createLoginTurns } from '../../../electron/core/reach/login-turn.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { countedClock } from '../../support/counted-clock.ts'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

function build() {
  const virtual = new VirtualClock()
  const { clock, pending } = countedClock(virtual)
  const turns = createLoginTurns(clock)
  const log: string[] = []
  return {
    log,
    pending,
    run: (ms: number) => virtual.run(ms, settle),
    take(name: string, patienceMs = 400) {
      const place = turns.take(patienceMs)
      void place.ready.then(() => log.push(`${name} at ${virtual.monotonic()}`))
      return place
    },
  }
}

it('begins the next beside one that is not answered for as long as its own patience, and keeps both', async () => {
  const { log, take, run } = build()
  take('a', 400)
  await run(100)
  take('b', 600)
  take('c')
  take('d')
  await run(2_000)
  expect(log).toEqual(['a at 0', 'b at 400', 'c at 1000', 'd at 1400'])
})

it('begins at once where nobody else waits for an answer, or whoever did has had that time', async () => {
  const { log, take, run } = build()
  take('a')
  await run(1_000)
  take('b')
  await run(0)
  expect(log).toEqual(['a at 0', 'b at 1000'])
})

it('goes on at once when the newest fails, and not sooner when an older one does', async () => {
  const { log, take, run } = build()
  const a = take('a')
  const b = take('b')
  take('c')
  await run(500)
  a.release()
  await run(50)
  expect(log).toEqual(['a at 0', 'b at 400'])
  b.release()
  b.release()
  await run(0)
  expect(log).toEqual(['a at 0', 'b at 400', 'c at 550'])
})

it('leaves no timer behind when nobody waits any more', async () => {
  const { log, take, run, pending } = build()
  take('a')
  const b = take('b')
  await run(10)
  expect(pending()).toBe(1)
  b.release()
  expect(pending()).toBe(0)
  await run(1_000)
  expect(log).toEqual(['a at 0'])
})
