import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLane, type Packet } from '../../../lab/engine/lane.ts'
import { createPipes } from '../../../lab/engine/pipes.ts'
import type { Route } from '../../../lab/engine/topology.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const route = (more: Partial<Route>): Route => ({ rttMs: 80, jitterMs: 0, loss: 0, kbps: null, key: 'a>b', ...more })

function lane(on: Route, seed = 1, isDropped: (now: number) => boolean = () => false) {
  const clock = new VirtualClock()
  const arrived: { at: number; bytes: number[] }[] = []
  let accepted = 0
  const made = createLane({
    clock,
    random: seededRandom(seed),
    route: on,
    pipes: createPipes(clock),
    direction: 'up',
    inspect: () => (isDropped(clock.monotonic()) ? { t: 'drop' } : { t: 'pass', slowMs: 0 }),
    deliver: (packet: Packet) => arrived.push({ at: clock.monotonic(), bytes: packet.t === 'segment' ? [...packet.bytes] : [] }),
    accepted: (bytes) => {
      accepted += bytes
    },
  })
  return { made, clock, arrived, accepted: () => accepted }
}

test('however lossy and jittery the way, every byte arrives once and in order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      fc.nat(50),
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 30 }),
      (seed, loss, jitterMs, segments) => {
        const { made, clock, arrived } = lane(route({ loss, jitterMs }), seed)
        for (const bytes of segments) made.send({ t: 'segment', bytes })
        made.send({ t: 'fin' })
        clock.advance(3_600_000)
        expect(arrived.map((packet) => packet.bytes)).toEqual([...segments.map((bytes) => [...bytes]), []])
      },
    ),
  )
})

test('without loss a segment takes half a round trip, to the millisecond', () => {
  const { made, clock, arrived } = lane(route({}))
  made.send({ t: 'segment', bytes: Uint8Array.of(1) })
  clock.advance(1000)
  expect(arrived).toEqual([{ at: 40, bytes: [1] }])
})

test('a bottleneck paces what goes through it, and credit follows at its pace', () => {
  // 800 kbit/s are 100 bytes a millisecond.
  const { made, clock, arrived, accepted } = lane(route({ kbps: 800 }))
  for (let i = 0; i < 4; i++) made.send({ t: 'segment', bytes: new Uint8Array(1000) })
  clock.advance(25)
  expect(accepted()).toBe(2000)
  clock.advance(1000)
  expect(arrived.map((packet) => packet.at)).toEqual([50, 60, 70, 80])
})

test('what a box drops is sent again with growing pauses, and gets through once the box lets it', () => {
  const tries: number[] = []
  const { made, clock, arrived } = lane(route({}), 1, (now) => {
    tries.push(now)
    return now < 2000
  })
  made.send({ t: 'segment', bytes: Uint8Array.of(7) })
  clock.advance(10_000)
  expect(tries).toEqual([0, 200, 600, 1400, 3000])
  expect(arrived).toEqual([{ at: 3040, bytes: [7] }])
})
