/** What boxes draw and remember: dice of their own for each flow, pools, tables that fill and forget. */
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { createFlood } from '../../../lab/censor/flood.ts'
import { createLots } from '../../../lab/censor/lots.ts'
import { createPolicer } from '../../../lab/censor/policer.ts'
import { drawAddress } from '../../../lab/censor/pool.ts'
import { createStateTable } from '../../../lab/censor/state-table.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

test('what is drawn for one flow does not change because of what others drew', () => {
  const quiet = createLots(seededRandom(7))
  const busy = createLots(seededRandom(7))
  for (let i = 0; i < 50; i++) busy.next(`other ${i}`).fraction()
  expect([busy.next('mine').fraction(), busy.next('mine').fraction()]).toEqual([
    quiet.next('mine').fraction(),
    quiet.next('mine').fraction(),
  ])
  expect(createLots(seededRandom(8)).next('mine').fraction()).not.toBe(quiet.of('mine|1').fraction())
})

test('a share of many flows comes out as that share', () => {
  const lots = createLots(seededRandom(7))
  const hit = Array.from({ length: 4000 }, () => lots.next('one triple').fraction() < 0.263).filter(Boolean).length
  expect(hit / 4000).toBeGreaterThan(0.24)
  expect(hit / 4000).toBeLessThan(0.286)
})

test('a forged address lies in the pool and is of the family that was asked for', () => {
  const pool = ['240.222.0.0/22', '240.223.7.9/32', '2001:db8::/32']
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('A', 'AAAA'), (seed, type) => {
      const [address = ''] = drawAddress(pool, type, seededRandom(seed))
      const parsed = ipaddr.parse(address)
      expect(parsed.kind()).toBe(type === 'A' ? 'ipv4' : 'ipv6')
      expect(pool.some((prefix) => ipaddr.parseCIDR(prefix)[0].kind() === parsed.kind() && parsed.match(ipaddr.parseCIDR(prefix)))).toBe(
        true,
      )
    }),
  )
  const drawn = new Set(Array.from({ length: 500 }, (_, seed) => drawAddress(pool, 'A', seededRandom(seed))[0]))
  expect(drawn.size).toBeGreaterThan(150)
  expect(drawAddress(['240.222.0.0/22'], 'AAAA', seededRandom(1))).toEqual([])
})

test('a full table forgets the flow that was quiet longest, and never takes it up again', () => {
  const table = createStateTable(new VirtualClock(), 2, 1000)
  const [a, b, c] = [{}, {}, {}]
  table.enter(a)
  table.enter(b)
  expect(table.keeps(a)).toBe(true)
  table.enter(c)
  expect([table.keeps(a), table.keeps(b), table.keeps(c)]).toEqual([true, false, true])
})

test('a flow that was quiet for too long is forgotten; one that spoke in time is not', () => {
  const clock = new VirtualClock()
  const table = createStateTable(clock, 10, 1000)
  const flow = {}
  table.enter(flow)
  clock.advance(900)
  expect(table.keeps(flow)).toBe(true)
  clock.advance(900)
  expect(table.keeps(flow)).toBe(true)
  clock.advance(1001)
  expect([table.keeps(flow), table.keeps(flow)]).toEqual([false, false])
})

test('a policer drops what finds no tokens and says when it could pass', () => {
  const clock = new VirtualClock()
  const policer = createPolicer(clock)
  expect(policer.wait(16_384, 140)).toBe(0)
  const wait = policer.wait(1750, 140)
  expect(wait).toBeCloseTo(100)
  clock.advance(wait)
  expect([policer.wait(1750, 140), policer.hadDropped(), policer.hadDropped()]).toEqual([0, true, false])
})

test('a flood fills the queue first; then everybody waits for all of it and the rest is turned away', () => {
  const clock = new VirtualClock()
  const flood = createFlood(clock, { do: 'load', served: 200, offered: 1000, queue: 400 })
  expect([flood.waitMs(), flood.refused()]).toEqual([0, 0])
  clock.advance(250)
  expect([flood.waitMs(), flood.refused()]).toEqual([1000, 0])
  clock.advance(10_000)
  expect([flood.waitMs(), flood.refused()]).toEqual([2000, 0.8])
})
