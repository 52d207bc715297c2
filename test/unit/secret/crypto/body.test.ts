import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody, type Item, NO_DIGEST } from '../../../../electron/core/secret/crypto/body.ts'
import { pad, paddedLength, unpad } from '../../../../electron/core/secret/crypto/padding.ts'
import { open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { toBase64Url } from '../../../../shared/util/bytes.ts'
import { forge, meet, NOW, read, text } from './people.ts'

const id = '7f3b7b5e-5d0c-4b43-9a7b-0e2f9c1d2a3b'
const key = toBase64Url(new Uint8Array(32))
const everyItem: readonly Item[] = [
  { kind: 'text', id, text: 'hello', ttl: 5000, cap: NOW },
  { kind: 'text', id, text: '\u0000\ud83d\udc36 \u202e', ttl: null, cap: NOW },
  {
    kind: 'file',
    id,
    name: 'a.png',
    type: 'image/png',
    size: 5,
    media: toBase64Url(new Uint8Array(16)),
    key,
    digest: key,
    ttl: null,
    cap: NOW,
    once: true,
  },
  { kind: 'kept', ids: [id] },
  { kind: 'seen', ids: [id, id] },
  { kind: 'timer', version: 3, ttl: null },
  { kind: 'remove', ids: [id] },
  { kind: 'accept' },
  { kind: 'decline' },
  { kind: 'end' },
  { kind: 'taken' },
  { kind: 'compare', step: 'commit', data: key },
  { kind: 'compare', step: 'cancel', data: '' },
]

describe('a body', () => {
  it('brings every kind of item as it was', () => {
    const { padded, digest } = encodeBody({ previous: NO_DIGEST, items: everyItem, kem: null })
    expect(decodeBody(padded)).toEqual({ previous: NO_DIGEST, items: everyItem, kem: null, digest })
  })

  it('keeps what a later version says, by its name, beside what is known', () => {
    const { alice, bob, random } = meet(1)
    const items = [{ kind: 'hologram', depth: 3 }, ...everyItem.slice(0, 1), { kind: 'unknown' }, { kind: 'x'.repeat(1000) }]
    const opened = open(bob, forge(alice, random, { inside: { items, later: true } }).packet, NOW)
    expect(opened).toMatchObject({
      items: [
        { kind: 'unknown', name: 'hologram' },
        everyItem[0],
        { kind: 'unknown', name: 'unknown' },
        { kind: 'unknown', name: 'x'.repeat(64) },
      ],
    })
  })

  it('takes an item that is not in order for one it does not know, and leaves the others', () => {
    const { alice, bob, random } = meet(2)
    const hello = { kind: 'text', id, text: 'hello', ttl: null, cap: NOW }
    const wrong = [
      { ...hello, text: '' },
      { ...hello, text: 'x'.repeat(16_385) },
      { ...hello, id: 'one' },
      { ...hello, ttl: 0 },
      { ...hello, ttl: -1 },
      { ...hello, ttl: 1e15 },
      { ...hello, cap: -1 },
      { ...hello, cap: 1.5 },
      { kind: 'kept', ids: [] },
      { kind: 'seen', ids: 'all' },
      { kind: 'timer', version: -1, ttl: null },
      { kind: 'compare', step: 'peek', data: key },
      { kind: 'compare', step: 'commit', data: 'AA' },
    ]
    const opened = open(bob, forge(alice, random, { inside: { items: [...wrong, hello] } }).packet, NOW)
    expect(opened).toMatchObject({ items: [...wrong.map(({ kind }) => ({ kind: 'unknown', name: kind })), hello] })
  })

  it('takes what a later version adds to an item for nothing', () => {
    const { alice, bob, random } = meet(3)
    const opened = open(bob, forge(alice, random, { inside: { items: [{ kind: 'accept', colour: 'red' }] } }).packet, NOW)
    expect(opened).toMatchObject({ items: [{ kind: 'accept' }] })
  })

  it('gives no other prototype to anything', () => {
    const { alice, bob, random } = meet(4)
    const content = Buffer.concat([
      alice.lastSent,
      Buffer.from('{"items":[{"kind":"accept","__proto__":{"admin":true}}],"__proto__":{"kem":1}}'),
    ])
    const opened = open(bob, forge(alice, random, { inside: pad(content) }).packet, NOW)
    expect(opened).toMatchObject({ result: 'message', items: [{ kind: 'accept' }] })
    expect(opened.result === 'message' && Object.keys(opened.items[0] ?? {})).toEqual(['kind'])
  })
})

describe('padding', () => {
  it('comes off again, and has one form for each length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const padded = pad(bytes)
        expect(Buffer.compare(unpad(padded) ?? Buffer.from('no'), bytes)).toBe(0)
        expect(unpad(Buffer.concat([padded, new Uint8Array(1)]))).toBeNull()
        expect(unpad(padded.subarray(1))).toBeNull()
      }),
    )
  })

  it('has few sizes, and costs at most 12 % above the floor', () => {
    const sizes = new Set<number>()
    for (let length = 0; length <= 60 * 1024; length++) {
      const size = paddedLength(length)
      sizes.add(size)
      if (size < length || (length > 256 && size > length * 1.12)) throw new Error(`${length} becomes ${size}`)
    }
    expect(sizes.size).toBe(127)
    expect(paddedLength(60 * 1024)).toBe(60 * 1024)
    // From the paper: 9 bits of length leave 4 of mantissa.
    expect([paddedLength(257), paddedLength(289), paddedLength(1000), paddedLength(1025)]).toEqual([272, 304, 1024, 1088])
  })

  it('is all that the length of a packet says: text, receipts, timers and nothing at all look alike', () => {
    const talk = meet(5)
    const answer = seal(talk.bob, [], NOW, talk.random)
    let state = seal(read(talk.alice, answer.packet).state, [], NOW, talk.random).state
    const lengths = [[], ...everyItem.map((item) => [item]), [text('x'.repeat(60))]].map((items) => {
      const sealed = seal(state, items, NOW, talk.random)
      state = sealed.state
      return sealed.packet.length
    })
    // The file names a key and a digest: it is the one that is longer.
    expect(lengths.map((length) => length - 2 - 24 - 75 - 32 - 16).filter((length) => length !== 256)).toEqual([320])
  })
})
