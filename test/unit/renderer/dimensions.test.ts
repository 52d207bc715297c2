/** How large a picture says it is, before anything decodes it: for real headers, cut ones, and any bytes at all. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dimensionsOf } from '../../../renderer/src/decoder/dimensions.ts'
import { hillside } from '../../support/picture.ts'

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((char) => char.charCodeAt(0)) : part)))

const gif = bytes(
  'GIF89a',
  [2, 0, 3, 0, 0x80, 0, 0],
  [0, 0, 0, 9, 9, 9],
  [0x21, 0xf9, 4, 0, 0, 0, 0, 0],
  [0x2c, 0, 0, 0, 0, 0x60, 0xea, 3, 0, 0],
)
const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xff, 0xc2, 0, 11, 8, 0x01, 0x02, 0x03, 0x04, 1, 1, 0x11, 0])
const vp8 = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8 ', [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00])
const vp8l = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8L', [0, 0, 0, 0, 0x2f, 0xff, 0xff, 0xff, 0x0f])
const vp8x = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0x42, 0x0f, 0x01, 0, 0])

describe('the size in a header', () => {
  it.each([
    ['PNG', hillside(37, 21), { type: 'image/png', width: 37, height: 21 }],
    ['GIF whose first frame is larger than its canvas', gif, { type: 'image/gif', width: 60_000, height: 3 }],
    ['JPEG, progressive, with fill bytes', jpeg, { type: 'image/jpeg', width: 772, height: 258 }],
    ['WebP, lossy', vp8, { type: 'image/webp', width: 320, height: 240 }],
    ['WebP, lossless', vp8l, { type: 'image/webp', width: 16_384, height: 16_384 }],
    ['WebP, extended', vp8x, { type: 'image/webp', width: 1_000_000, height: 2 }],
  ] as const)('is read from %s', (_what, picture, expected) => {
    expect(dimensionsOf(picture)).toEqual(expected)
  })

  it.each([
    ['HTML', bytes('<!doctype html><img src=x>')],
    ['SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a bitmap of Windows', bytes('BM', [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0])],
    ['nothing', bytes()],
  ])('is not found in %s', (_what, other) => {
    expect(dimensionsOf(other)).toBeNull()
  })

  it('is not found in a picture that is cut off within its header', () => {
    for (const picture of [hillside(2, 2), gif, jpeg, vp8, vp8l, vp8x]) {
      const whole = dimensionsOf(picture)
      for (let length = 0; length < Math.min(picture.length, 40); length++) {
        expect([null, whole]).toContainEqual(dimensionsOf(picture.slice(0, length)))
      }
    }
  })

  it('comes to an end for any bytes', () => {
    const beginnings = [[0xff, 0xd8], [...bytes('GIF89a')], [...bytes('RIFF', [0, 0, 0, 0], 'WEBP')], [...hillside(1, 1).slice(0, 16)], []]
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 400 }), (beginning, rest) => {
        const said = dimensionsOf(Uint8Array.from([...beginning, ...rest]))
        return said === null || (Number.isInteger(said.width) && Number.isInteger(said.height))
      }),
      { numRuns: 2000 },
    )
  })
})
