/** The physical floor, by hand at a round trip of 80 ms, with a box a quarter and a proxy nine tenths along the way. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { blocks, distancesOf } from '../../bench/reach/blocks.ts'
import { cutFloor, cutWithStandbyFloor } from '../../bench/reach/floor.ts'

const at80 = distancesOf({ rttMs: 80, loss: 0 })

it.each([
  ['none', 320, 320],
  ['dns-lies', 320, 320],
  ['dns-silent', 320, 320],
  ['syn-dropped', 320, 96 + 320],
  ['sni-reset', 320, 80 + 20 + 320],
  ['sni-dropped', 320, 80 + 96 + 320],
  ['one-proxy', 2 * 72 + 320, 96 + 2 * 72 + 320],
])('%s: %i ms at once, %i ms in turn', (id, floor, inTurn) => {
  const block = blocks.find((each) => each.id === id)
  expect([block?.floor(at80), block?.inTurn(at80)]).toEqual([floor, inTurn])
})

it('a live path that is cut: an overdue answer and a connect, or one round trip by a standby', () => {
  expect([cutFloor(at80), cutWithStandbyFloor(at80)]).toEqual([96 + 320, 96 + 80])
})

it('grows with the distance, and who waits for reasons is never faster than who dials everything', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 2_000, noNaN: true }), (rttMs) => {
      const [near, far] = [distancesOf({ rttMs, loss: 0 }), distancesOf({ rttMs: rttMs + 1, loss: 0 })]
      for (const { floor, inTurn } of blocks) {
        expect(inTurn(near)).toBeGreaterThanOrEqual(floor(near))
        expect(floor(far)).toBeGreaterThan(floor(near))
      }
    }),
  )
})
