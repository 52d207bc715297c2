/** How many handshakes of a race are under way at once. */
import { expect, it } from 'vitest'
import { createHandshakes } from '../../../electron/core/reach/handshakes.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { countedClock } from '../../support/counted-clock.ts'

function build() {
  const virtual = new VirtualClock()
  const { clock, pending } = countedClock(virtual)
  const handshakes = createHandshakes(clock)
  const begun: string[] = []
  return { clock: virtual, pending, handshakes, begun, ask: (alike: string, name = alike) => handshakes.ask(alike, () => begun.push(name)) }
}

it('lets four be under way in the first second, and eight after it', () => {
  const { clock, ask, begun } = build()
  for (let i = 0; i < 12; i++) ask(`${i}`)
  expect(begun).toHaveLength(4)
  clock.advance(999)
  expect(begun).toHaveLength(4)
  clock.advance(1)
  expect(begun).toHaveLength(8)
})

it('lets the next begin when one is done or has fallen silent', () => {
  const { ask, begun } = build()
  const [first, second] = [ask('0'), ask('1'), ask('2'), ask('3'), ask('4'), ask('5')]
  first?.end()
  first?.end()
  expect(begun).toHaveLength(5)
  second?.fellSilent()
  second?.end()
  expect(begun).toHaveLength(6)
})

it('lets two show the same to the same address, silent ones counted, and others pass them', () => {
  const { ask, begun } = build()
  const [first] = [ask('a', 'a1'), ask('a', 'a2'), ask('a', 'a3'), ask('b')]
  first?.fellSilent()
  expect(begun).toEqual(['a1', 'a2', 'b'])
  first?.end()
  expect(begun).toEqual(['a1', 'a2', 'b', 'a3'])
})

it('leaves no timer and begins nobody once it was stopped', () => {
  const { clock, pending, handshakes, ask, begun } = build()
  const places = Array.from({ length: 6 }, (_, i) => ask(`${i}`))
  expect(pending()).toBe(1)
  handshakes.stop()
  for (const place of places) place.end()
  clock.advance(2_000)
  expect([begun.length, pending()]).toEqual([4, 0])
})
