/** What a peer that does not keep to the protocol may try. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { aeadOpen, hmac, kemPair } from '../../../../electron/core/secret/crypto/primitives.ts'
import { open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { toBase64Url, utf8 } from '../../../../shared/util/bytes.ts'
import { forge, meet, NOW, read, text } from './people.ts'
import { BAD, flip, NO_KEY, refuse, talking } from './tampering.ts'
import { hex } from './vectors.ts'

vi.mock('../../../../electron/core/secret/crypto/primitives.ts', { spy: true })
beforeEach(() => {
  vi.mocked(aeadOpen).mockClear()
  vi.mocked(hmac).mockClear()
})

describe('a peer that lies', () => {
  it('about numbers: nothing beyond 2^31, and no key derived for it', () => {
    const { alice, bob, random } = talking(20)
    for (const header of [{ n: 2 ** 31 }, { pn: 2 ** 31 }, { n: 2 ** 32 - 1 }])
      expect(refuse(bob, forge(alice, random, { header }).packet)).toEqual(BAD)
    const steps = vi.mocked(hmac).mock.calls.filter(([, message]) => message.length === 1 && message[0] === 1).length
    expect(refuse(bob, forge(alice, random, { header: { n: 2 ** 31 - 1 } }).packet)).toEqual({ result: 'unreadable', why: 'too-far' })
    const after = vi.mocked(hmac).mock.calls.filter(([, message]) => message.length === 1 && message[0] === 1).length
    // The forger's own, for the message it sealed.
    expect(after - steps).toBe(1)
  })

  it('with a packet after the most that may be skipped, altered: one chain is derived, and not the one before it', () => {
    const { alice, bob, random } = talking(34)
    const fromBob = seal(bob, [], NOW, random)
    const turned = read(alice, fromBob.packet).state
    let far = forge(turned, random, { header: { pn: 1001 } }).state
    for (let i = 1; i < 1000; i++) far = forge(far, random, { header: { pn: 1001 } }).state
    const { packet } = forge(far, random, { header: { pn: 1001 } })
    vi.mocked(hmac).mockClear()
    expect(refuse(fromBob.state, flip(packet, packet.length - 1))).toEqual(BAD)
    const steps = () => vi.mocked(hmac).mock.calls.filter(([, message]) => message.length === 1 && message[0] === 1).length
    expect(steps()).toBe(1001)
    const opened = read(fromBob.state, packet)
    expect(opened.missing).toBe(2000)
    expect(opened.state.ratchet.chains.map(({ key }) => key === null)).toEqual([false, true, true])
  })

  it('about the length of the chain before', () => {
    const { alice, bob, random } = talking(21)
    const three = seal(alice, [], NOW, random)
    const atBob = read(bob, three.packet).state
    const fromBob = seal(atBob, [], NOW, random)
    const turned = read(three.state, fromBob.packet).state
    // Bob has read two of this chain.
    expect(refuse(fromBob.state, forge(turned, random, { header: { pn: 1 } }).packet)).toEqual(BAD)
    expect(refuse(fromBob.state, forge(turned, random, { header: { pn: 2 ** 31 - 1 } }).packet)).toEqual({
      result: 'unreadable',
      why: 'too-far',
    })
    expect(refuse(fromBob.state, forge(turned, random, { header: { pn: 1003 } }).packet)).toEqual({ result: 'unreadable', why: 'too-far' })
    expect(open(fromBob.state, forge(turned, random, { header: { pn: 2 } }).packet, NOW)).toMatchObject({ result: 'message', missing: 0 })
    expect(open(fromBob.state, forge(turned, random, { header: { pn: 1002 } }).packet, NOW)).toMatchObject({ missing: 1000 })
  })

  it('about a chain that has ended', () => {
    const { alice, bob, random } = talking(22)
    const old = alice
    const fromBob = seal(bob, [], NOW, random)
    const turned = seal(read(alice, fromBob.packet).state, [], NOW, random)
    const after = read(fromBob.state, turned.packet).state
    expect(refuse(after, forge(old, random, { header: { n: 5 } }).packet)).toEqual(BAD)
    // Nor with the very key that would have come next.
    expect(refuse(after, seal(old, [], NOW, random).packet)).toEqual(BAD)
    expect(refuse(after, forge(old, random, { header: { n: 0 } }).packet)).toEqual({ result: 'duplicate' })
  })

  it('about the ratchet key of a chain it has begun', () => {
    const { alice, bob, random } = talking(23)
    expect(refuse(bob, forge(alice, random, { header: { dh: new Uint8Array(32).fill(9) } }).packet)).toEqual(BAD)
  })

  it('with a ratchet key of low order, or one that is not canonical', () => {
    const { alice, bob, random } = talking(24)
    const fromBob = seal(bob, [], NOW, random)
    const turned = read(alice, fromBob.packet).state
    const low = hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')
    for (const dh of [new Uint8Array(32), low, new Uint8Array(32).fill(0xff), hex(`ed${'ff'.repeat(30)}7f`)])
      expect(refuse(fromBob.state, forge(turned, random, { header: { dh } }).packet)).toEqual(BAD)
  })

  it('with its own key in another spelling, though it agrees on the same secret', () => {
    const { alice, bob, random } = talking(31)
    const fromBob = seal(bob, [], NOW, random)
    const turned = read(alice, fromBob.packet).state
    const high = forge(turned, random, {
      alterHeader: (plain) => {
        plain[32] = (plain[32] ?? 0) | 0x80
      },
    })
    expect(refuse(fromBob.state, high.packet)).toEqual(BAD)
  })

  it('with anything in the reserved bytes of a header', () => {
    const { alice, bob, random } = talking(32)
    for (const at of [0, 45, 50, 58]) {
      const set = (plain: Uint8Array) => {
        plain[at] = 1
      }
      expect(refuse(bob, forge(alice, random, { alterHeader: set }).packet), `byte ${at}`).toEqual(BAD)
    }
    expect(open(bob, forge(alice, random, { alterHeader: () => {} }).packet, NOW).result).toBe('message')
  })

  it('with a body that opens under its key and is committed to another', () => {
    const { alice, bob, random } = talking(33)
    const honest = seal(alice, [], NOW, random).packet.slice(101, 133)
    expect(open(bob, forge(alice, random, { commitment: honest }).packet, NOW).result).toBe('message')
    for (const at of [0, 15, 31]) expect(refuse(bob, forge(alice, random, { commitment: flip(honest, at) }).packet)).toEqual(BAD)
  })

  it('by stepping on when it was not its turn', () => {
    const { alice, bob, random } = talking(25)
    // Bob has opened Alice's newest chain and sent nothing since: she knows his next header key, and cannot use it.
    const headerKey = bob.ratchet.nextReceivingKey
    expect(refuse(bob, forge(alice, random, { headerKey }).packet)).toEqual(NO_KEY)
  })

  it('about the epoch of a new chain', () => {
    const { alice, bob, random } = talking(26)
    const fromBob = seal(bob, [], NOW, random)
    const turned = read(alice, fromBob.packet).state
    const fresh = { secret: new Uint8Array(32), binding: new Uint8Array(32) }
    for (const epoch of [0, 2, 3, 2 ** 32 - 1]) {
      const mix = { epoch, fresh: epoch === 2 ? fresh : null }
      expect(refuse(fromBob.state, forge(turned, random, { header: { epoch }, mix }).packet)).toEqual(BAD)
    }
    expect(open(fromBob.state, forge(turned, random, {}).packet, NOW).result).toBe('message')
  })

  it('with a step of the re-keying that is not its part, or not the next', () => {
    const { alice, bob, random } = talking(27)
    const key = toBase64Url(kemPair(new Uint8Array(64)).publicKey)
    const ct = toBase64Url(new Uint8Array(1088))
    const withKem = (kem: unknown) => ({ inside: { items: [], kem } })
    for (const kem of [
      { epoch: 3, key },
      { epoch: 2, ct },
      { epoch: 2, key: toBase64Url(new Uint8Array(1184).fill(255)) },
      { epoch: 0, key },
      {},
      7,
    ])
      expect(refuse(bob, forge(alice, random, withKem(kem)).packet), JSON.stringify(kem).slice(0, 40)).toEqual(BAD)
    for (const kem of [
      { epoch: 2, ct },
      { epoch: 2, key },
      { epoch: 3, ct },
    ])
      expect(refuse(alice, forge(bob, random, withKem(kem)).packet), JSON.stringify(kem).slice(0, 40)).toEqual(BAD)
    // One that is over is of no consequence.
    const late = open(bob, forge(alice, random, withKem({ epoch: 1, key })).packet, NOW)
    expect(late).toMatchObject({ result: 'message', state: { rekeying: { epoch: 1, step: { kind: 'idle' } } } })
  })

  it('with two different offers for one epoch', () => {
    const { alice, bob, random } = talking(28)
    const offer = (fill: number) => ({
      inside: { items: [], kem: { epoch: 2, key: toBase64Url(kemPair(new Uint8Array(64).fill(fill)).publicKey) } },
    })
    const one = forge(alice, random, offer(1))
    const asked = read(bob, one.packet).state
    expect(asked.rekeying.step.kind).toBe('asked')
    expect(refuse(asked, forge(one.state, random, offer(2)).packet)).toEqual(BAD)
    const answered = seal(asked, [], NOW, random).state
    expect(refuse(answered, forge(one.state, random, offer(2)).packet)).toEqual(BAD)
    expect(read(answered, forge(one.state, random, offer(1)).packet).state.rekeying.step).toMatchObject({ kind: 'answered', owed: true })
  })

  it('with an altered answer: nobody can read on, and nothing breaks', () => {
    const { alice, bob, random } = meet(29)
    const step = seal(bob, [], NOW, random)
    const fake = forge(bob, random, { inside: { items: [], kem: { epoch: 1, ct: toBase64Url(new Uint8Array(1088).fill(7)) } } })
    const turned = seal(read(alice, fake.packet).state, [text('x')], NOW, random)
    expect(turned.state.rekeying.epoch).toBe(1)
    expect(refuse(step.state, turned.packet).result).toBe('unreadable')
  })

  it('with what is no body', () => {
    const { alice, bob, random } = talking(30)
    const padded = (bytes: Uint8Array, length = bytes.length) => {
      const whole = new Uint8Array(256)
      new DataView(whole.buffer).setUint32(0, length)
      whole.set(bytes, 4)
      return whole
    }
    const previous = new Uint8Array(16)
    const json = (text: string) => padded(Buffer.concat([previous, utf8(text)]))
    const good = '{"items":[]}'
    const bodies = [
      new Uint8Array(0),
      new Uint8Array(3),
      new Uint8Array(256),
      padded(utf8(good)),
      json(''),
      json('[]'),
      json('{}'),
      json('{"items":{}}'),
      json('{"items":[1]}'),
      json('{"items":[{"kind":1}]}'),
      json('{"items":[]'),
      padded(Buffer.concat([previous, Uint8Array.of(0xff)])),
      padded(Buffer.concat([previous, utf8(good)]), 400),
      padded(Buffer.concat([previous, utf8(good)]), 2 ** 32 - 1),
      Buffer.concat([json(good), new Uint8Array(1)]),
      json(good).subarray(0, 255),
    ]
    const dirty = json(good)
    dirty[255] = 1
    for (const [i, inside] of [...bodies, dirty].entries())
      expect(refuse(bob, forge(alice, random, { inside }).packet), `body ${i}`).toEqual(BAD)
    expect(open(bob, forge(alice, random, { inside: json(good) }).packet, NOW).result).toBe('message')
  })
})
