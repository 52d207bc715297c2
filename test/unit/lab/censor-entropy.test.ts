/** The published rule against fully encrypted traffic, held against a second writing of it made from the description alone. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classify, isFullyEncrypted } from '../../../lab/censor/payload.ts'
import { seededRandom } from '../../../shared/util/random.ts'

/** As described: let it pass if any of Ex1 to Ex5 holds; otherwise block. Written over strings, on purpose unlike the other. */
function blockedAsPublished(bytes: Uint8Array): boolean {
  const ones = [...bytes].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  const perByte = bytes.length === 0 ? 0 : ones / bytes.length
  const marks = [...bytes].map((byte) => (byte >= 0x20 && byte <= 0x7e ? 'p' : '-')).join('')
  const text = Buffer.from(bytes).toString('latin1')
  const exemptions = [
    perByte <= 3.4 || perByte >= 4.6,
    marks.startsWith('pppppp'),
    marks.replaceAll('-', '').length > marks.length * 0.5,
    /p{21}/.test(marks),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the record header of TLS is made of them.
    /^[\x16\x17]\x03[\x00-\x0f]/.test(text) || ['GET ', 'PUT ', 'POST ', 'HEAD '].some((method) => text.startsWith(method)),
  ]
  return !exemptions.includes(true)
}

/** Bytes near the edges of the rule: runs of printables of 18 to 22, density near 3.4 and 4.6, and the known beginnings. */
const printables = fc.uint8Array({ minLength: 0, maxLength: 24 }).map((bytes) => bytes.map((byte) => 0x20 + (byte % 0x5f)))
const weighed = fc.constantFrom(0x07, 0x0f, 0x1f, 0x03, 0x3f, 0x80, 0xff, 0x00, 0x9c)
const block = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  printables,
  fc.array(weighed, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
)
const head = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.constantFrom('GET ', 'PUT ', 'POST ', 'HEAD ', 'SSH-', 'DELETE ', 'OPTION', 'GETX', 'GET').map((text) => Buffer.from(text)),
  fc
    .tuple(fc.constantFrom(0x15, 0x16, 0x17, 0x18), fc.constantFrom(2, 3, 4), fc.constantFrom(0, 9, 15, 16))
    .map((bytes) => Buffer.from(bytes)),
)
const payload = fc.tuple(head, fc.array(block, { maxLength: 6 })).map(([first, rest]) => new Uint8Array(Buffer.concat([first, ...rest])))

test('for any first payload the rule says what its description says', () => {
  let blocked = 0
  fc.assert(
    fc.property(payload, (bytes) => {
      blocked += blockedAsPublished(bytes) ? 1 : 0
      expect(isFullyEncrypted(bytes)).toBe(blockedAsPublished(bytes))
    }),
    { numRuns: 5000 },
  )
  // Both answers came up often enough to mean something.
  expect(blocked).toBeGreaterThan(500)
})

test('the edges: exactly 3.4 and 4.6 set bits, six printables, half of them, a run of 20 and of 21', () => {
  // 17 set bits of 5 bytes, 18 of 5, and 23 of 5.
  expect(isFullyEncrypted(Uint8Array.from([0x87, 0x87, 0x87, 0x87, 0x80]))).toBe(false)
  expect(isFullyEncrypted(Uint8Array.from([0x87, 0x87, 0x87, 0x87, 0x81]))).toBe(true)
  expect(isFullyEncrypted(Uint8Array.from([0x8f, 0x8f, 0x8f, 0x87, 0x87]))).toBe(false)
  const around = (run: number) => Buffer.concat([Buffer.alloc(30, 0x87), Buffer.alloc(run, 0x57), Buffer.alloc(30, 0x87)])
  expect(isFullyEncrypted(around(20))).toBe(true)
  expect(isFullyEncrypted(around(21))).toBe(false)
})

test('random bytes of any length that bridges use are nearly always caught, the control groups never', () => {
  const random = seededRandom(5)
  const caught = Array.from({ length: 200 }, () => isFullyEncrypted(random.bytes(200 + Math.floor(random.fraction() * 800))))
  expect(caught.filter(Boolean).length).toBeGreaterThan(195)
  expect(isFullyEncrypted(new Uint8Array(400))).toBe(false)
  expect(classify(new Uint8Array(400))).toBe('printable')
})
