import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  newAttachmentKey,
  openAttachment,
  type ReadBytes,
  sealAttachment,
  sealedLength,
} from '../../../../electron/core/secret/crypto/attachment.ts'
import { hash } from '../../../../electron/core/secret/crypto/primitives.ts'
import { seededRandom } from '../../../../shared/util/random.ts'

const PIECE = 64 * 1024
const SEALED_PIECE = PIECE + 17
const HEADER = 24
const random = seededRandom(5)
const readerOf =
  (bytes: Uint8Array): ReadBytes =>
  (start, length) =>
    bytes.subarray(start, start + length)

function seal(plain: Uint8Array, key = newAttachmentKey(random)) {
  let digest: Uint8Array = new Uint8Array()
  const whole = (found: Uint8Array) => {
    digest = found
  }
  const sealed = new Uint8Array(Buffer.concat([...sealAttachment({ key, size: plain.length, whole }, readerOf(plain))]))
  return { key, digest, size: plain.length, sealed }
}
const open = ({ key, digest, size, sealed }: ReturnType<typeof seal>) =>
  Buffer.concat([...openAttachment({ key, digest, size }, readerOf(sealed))])

describe('a sealed file', () => {
  it('of any size opens to the same bytes, and its digest is that of the whole ciphertext', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 * PIECE }), (size) => {
        const plain = random.bytes(size)
        const file = seal(plain)
        expect(file.sealed.length).toBe(sealedLength(size))
        expect(Buffer.compare(file.digest, hash(32, file.sealed))).toBe(0)
        expect(open(file).equals(plain)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('shows a size that many others share', () => {
    expect(sealedLength(1)).toBe(sealedLength(256))
    expect(sealedLength(1_000_001)).toBe(sealedLength(1_015_000))
    expect(new Set(Array.from({ length: 5000 }, (_, i) => sealedLength(1_000_000 + i))).size).toBeLessThanOrEqual(2)
  })

  it('is another each time', () => {
    const plain = random.bytes(1000)
    expect(Buffer.compare(seal(plain).sealed, seal(plain).sealed)).not.toBe(0)
  })

  it('with any one bit changed does not open', () => {
    const file = seal(random.bytes(2000))
    fc.assert(
      fc.property(fc.nat(file.sealed.length - 1), fc.nat(7), (at, bit) => {
        const sealed = file.sealed.slice()
        sealed[at] = (sealed[at] ?? 0) ^ (1 << bit)
        expect(() => open({ ...file, sealed })).toThrow('not the file')
      }),
    )
  })

  it('cut, longer, in another order, under another key or digest, or said to be of another size does not open', () => {
    const file = seal(random.bytes(3 * PIECE))
    const { sealed } = file
    const piece = (n: number) => sealed.subarray(HEADER + n * SEALED_PIECE, HEADER + (n + 1) * SEALED_PIECE)
    const rebuilt = (...numbers: number[]) => new Uint8Array(Buffer.concat([sealed.subarray(0, HEADER), ...numbers.map(piece)]))
    expect(open({ ...file, sealed: rebuilt(0, 1, 2) }).length).toBe(file.size)
    const other = seal(random.bytes(3 * PIECE))
    const wrong = [
      { ...file, sealed: rebuilt(0, 1) },
      { ...file, sealed: rebuilt(1, 0, 2) },
      { ...file, sealed: rebuilt(0, 0, 2) },
      { ...file, sealed: rebuilt(0, 1, 2, 2) },
      { ...file, sealed: sealed.slice(0, -1) },
      { ...file, sealed: sealed.slice(0, HEADER) },
      { ...file, sealed: new Uint8Array() },
      { ...file, sealed: other.sealed },
      { ...file, key: other.key },
      { ...file, digest: other.digest },
      { ...file, size: 2 * PIECE, sealed: rebuilt(0, 1) },
      { ...file, size: file.size - 1 },
      { ...file, size: file.size + 1 },
    ]
    for (const each of wrong) expect(() => open(each)).toThrow('not the file')
  })

  it('whose bytes are fewer than its size says is not made', () => {
    const key = newAttachmentKey(random)
    expect(() => [...sealAttachment({ key, size: 100, whole() {} }, readerOf(random.bytes(99)))]).toThrow(RangeError)
  })
})
