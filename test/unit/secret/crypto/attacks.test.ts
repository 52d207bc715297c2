/** What somebody on the way, or a peer that does not keep to the protocol, may try. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { firstId, isFirst, openFirst } from '../../../../electron/core/secret/crypto/handshake.ts'
import { isNewer } from '../../../../electron/core/secret/crypto/packet.ts'
import { aeadOpen, hmac, kemPair } from '../../../../electron/core/secret/crypto/primitives.ts'
import { type Opened, open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import { SecretError, type SessionState } from '../../../../electron/core/secret/crypto/types.ts'
import { toBase64Url, utf8 } from '../../../../shared/util/bytes.ts'
import { forge, meet, NOW, person, read, text, textsOf } from './people.ts'
import { hex } from './vectors.ts'

vi.mock('../../../../electron/core/secret/crypto/primitives.ts', { spy: true })
beforeEach(() => {
  vi.mocked(aeadOpen).mockClear()
  vi.mocked(hmac).mockClear()
})

const BAD: Opened = { result: 'unreadable', why: 'bad-packet' }
const NO_KEY: Opened = { result: 'unreadable', why: 'no-key' }

/** Alice and Bob in the middle of a talk, each having sent in the newest chain. */
function talking(seed: number) {
  const { alice, bob, random, ...rest } = meet(seed)
  const one = seal(bob, [text('from bob')], NOW, random)
  const two = seal(read(alice, one.packet).state, [text('from alice')], NOW, random)
  return { ...rest, alice: two.state, bob: read(one.state, two.packet).state, random, packets: [one.packet, two.packet] as const }
}

/** Opening must fail and leave no trace. */
function refuse(state: SessionState, packet: Uint8Array): Opened {
  const before = encodeSession(state)
  const opened = open(state, packet, NOW)
  expect(opened.result).not.toBe('message')
  expect(Buffer.compare(encodeSession(state), before)).toBe(0)
  return opened
}

const setAt = (packet: Uint8Array, at: number, byte: number) => packet.with(at, byte)

const flip = (packet: Uint8Array, at: number, bit = 1) => {
  const altered = packet.slice()
  altered[at] = (altered[at] ?? 0) ^ bit
  return altered
}

describe('on the way', () => {
  it('no byte of a packet can be altered', () => {
    const { alice, bob, random } = talking(1)
    const { packet } = seal(alice, [text('hello')], NOW, random)
    for (let at = 0; at < packet.length; at++) refuse(bob, flip(packet, at, 1 << (at % 8)))
    expect(read(bob, packet).n).toBe(3)
  })

  it('no byte of a first packet can be altered', () => {
    const { first, people } = meet(2)
    const { device, prekeys } = people.bob
    const attempt = (packet: Uint8Array) => () => openFirst(device, people.alice.device.identity, packet, prekeys, NOW)
    for (let at = 0; at < first.length; at++) expect(attempt(flip(first, at, 1 << (at % 8))), `byte ${at}`).toThrow(SecretError)
    expect(textsOf(attempt(first)().items)).toEqual(['hello'])
  }, 60_000)

  it('nothing can be cut off or added', () => {
    const { alice, bob, random, first } = talking(3)
    const { packet } = seal(alice, [text('hello')], NOW, random)
    for (let length = 0; length < packet.length; length++) refuse(bob, packet.subarray(0, length))
    refuse(bob, Buffer.concat([packet, new Uint8Array(1)]))
    refuse(bob, new Uint8Array(70_000).fill(1))
    for (const length of [0, 1, 2, 100, 1271, first.length - 1]) refuse(bob, first.subarray(0, length))
  })

  it('a packet sent back to its writer does not open', () => {
    const { alice, bob, random, first } = talking(4)
    expect(refuse(alice, seal(alice, [text('mirror')], NOW, random).packet)).toEqual(NO_KEY)
    expect(refuse(bob, seal(bob, [text('mirror')], NOW, random).packet)).toEqual(NO_KEY)
    expect(refuse(alice, first)).toEqual(BAD)
  })

  it('a body of one direction does not pass for one of the other, even under the same key', () => {
    const { alice, random } = talking(5)
    const packet = forge({ ...alice, initiator: false }, random, {}).packet
    const { bob } = talking(5)
    expect(refuse(bob, packet)).toEqual(BAD)
  })

  it('a packet of another session does not open', () => {
    const here = talking(6)
    const there = talking(7)
    expect(refuse(here.bob, seal(there.alice, [text('x')], NOW, there.random).packet)).toEqual(NO_KEY)
  })

  it('header and body of two packets do not make a third', () => {
    const { alice, bob, random } = talking(8)
    const one = seal(alice, [text('one')], NOW, random)
    const two = seal(one.state, [text('two')], NOW, random)
    const header = 2 + 99
    expect(refuse(bob, Buffer.concat([one.packet.subarray(0, header), two.packet.subarray(header)]))).toEqual(BAD)
    expect(refuse(bob, Buffer.concat([two.packet.subarray(0, header), one.packet.subarray(header)]))).toEqual(BAD)
    // Nor with the commitment of one and the ciphertext of the other.
    const commitment = header + 32
    expect(refuse(bob, Buffer.concat([one.packet.subarray(0, commitment), two.packet.subarray(commitment)]))).toEqual(BAD)
  })

  it('a prelude can neither be taken away, nor put in front, nor exchanged', () => {
    const { alice, bob, random, first } = meet(9)
    const { packet } = seal(alice, [text('second')], NOW, random)
    const prelude = packet.subarray(2, 1272)
    expect(first.subarray(2, 1272)).toEqual(prelude)
    expect(refuse(bob, Buffer.concat([Uint8Array.of(1, 2), packet.subarray(1272)]))).toEqual(BAD)
    expect(refuse(bob, Buffer.concat([Uint8Array.of(1, 1), meet(10).first.subarray(2, 1272), packet.subarray(1272)]))).toEqual(BAD)
    const plain = talking(9)
    const later = seal(plain.alice, [], NOW, plain.random).packet
    expect(refuse(plain.bob, Buffer.concat([Uint8Array.of(1, 1), prelude, later.subarray(2)]))).toEqual(BAD)
    expect(read(bob, packet).n).toBe(2)
  })

  it('a first packet that comes again is known by its id, and opens no second time', () => {
    const { bob, first, people, alice, random } = meet(11)
    const { replayId } = openFirst(people.bob.device, people.alice.device.identity, first, people.bob.prekeys, NOW)
    expect(firstId(first)).toEqual(replayId)
    const second = seal(alice, [], NOW, random).packet
    expect([isFirst(first), isFirst(second)]).toEqual([true, true])
    expect(firstId(second)).toEqual(replayId)
    expect(firstId(meet(12).first)).not.toEqual(replayId)
    expect(refuse(bob, first)).toEqual({ result: 'duplicate' })
    const gone = { x25519: () => null, mlkem768: () => null }
    const again = () => openFirst(people.bob.device, people.alice.device.identity, first, gone, NOW)
    expect(again).toThrow(expect.objectContaining({ code: 'unknown-prekey' }))
  })

  it('an id is not read out of what is no first packet', () => {
    const { alice, random } = talking(13)
    const later = seal(alice, [], NOW, random).packet
    expect([isFirst(later), firstId(later)]).toEqual([false, null])
    expect([isFirst(new Uint8Array(0)), firstId(new Uint8Array(3000).fill(1))]).toEqual([false, null])
  })

  it('the relay cannot say that somebody else sent the first packet', () => {
    const { first, people, random } = { ...meet(14) }
    const { device, prekeys } = people.bob
    const alice = people.alice.device.identity
    const mallory = person('mallory', random).device.identity
    for (const from of [
      mallory,
      { ...alice, handle: 'alicia' },
      { ...alice, device: random.bytes(16) },
      { ...alice, account: mallory.account },
    ])
      expect(() => openFirst(device, from, first, prekeys, NOW)).toThrow(expect.objectContaining({ code: 'bad-packet' }))
    expect(() => openFirst(device, device.identity, first, prekeys, NOW)).toThrow(expect.objectContaining({ code: 'own-device' }))
  })

  it('versions and suites after ours are said to be so, in session and handshake', () => {
    const { first, people, alice, bob, random } = meet(15)
    const attempt = (packet: Uint8Array) => () =>
      openFirst(people.bob.device, people.alice.device.identity, packet, people.bob.prekeys, NOW)
    const next = seal(read(alice, seal(bob, [], NOW, random).packet).state, [], NOW, random).packet
    const later = (packet: Uint8Array) => setAt(packet, 0, 2)
    const suite = (packet: Uint8Array) => setAt(packet, 2, 2)
    // Whatever its length is: another suite has another prelude.
    for (const packet of [later(first), suite(first), Uint8Array.of(1, 1, 2), Uint8Array.of(255)]) {
      expect(attempt(packet)).toThrow(expect.objectContaining({ code: 'newer' }))
      expect(refuse(bob, packet)).toEqual({ result: 'newer' })
      expect([isNewer(packet), isFirst(packet), firstId(packet)]).toEqual([true, false, null])
    }
    expect(refuse(bob, later(next))).toEqual({ result: 'newer' })
    // Version, suite and kind 0 were never given out, and a later packet has no suite in front.
    for (const packet of [setAt(first, 0, 0), setAt(first, 2, 0), setAt(first, 1, 3), first.subarray(0, 50), new Uint8Array(0)]) {
      expect(attempt(packet)).toThrow(expect.objectContaining({ code: 'bad-packet' }))
      expect(refuse(bob, packet)).toEqual(BAD)
    }
    expect(refuse(bob, suite(next)).result).toBe('unreadable')
  })

  it('a first packet that comes after more than may be skipped is said to be too far', () => {
    const { alice, random, people } = meet(17)
    let state = alice
    for (let i = 0; i < 1000; i++) state = seal(state, [], NOW, random).state
    const { packet } = seal(state, [], NOW, random)
    const attempt = () => openFirst(people.bob.device, people.alice.device.identity, packet, people.bob.prekeys, NOW)
    expect(attempt).toThrow(expect.objectContaining({ code: 'too-far' }))
  })

  it('garbage costs seven attempts at a header and not one derived key, however much is missing', () => {
    const talk = talking(16)
    const { random } = talk
    let { alice, bob } = talk
    for (let turn = 0; turn < 7; turn++) {
      for (let i = 0; i < 150; i++) alice = seal(alice, [], NOW, random).state
      const last = seal(alice, [], NOW, random)
      const fromBob = seal(read(bob, last.packet).state, [], NOW, random)
      ;[alice, bob] = [read(last.state, fromBob.packet).state, fromBob.state]
    }
    const last = seal(alice, [], NOW, random)
    bob = seal(read(bob, last.packet).state, [], NOW, random).state
    expect(bob.ratchet.chains).toHaveLength(6)
    expect(bob.ratchet.chains.reduce((sum, { skipped }) => sum + skipped.size, 0)).toBe(750)
    vi.mocked(aeadOpen).mockClear()
    vi.mocked(hmac).mockClear()
    const garbage = random.bytes(500)
    garbage.set([1, 2])
    expect(refuse(bob, garbage)).toEqual(NO_KEY)
    expect(vi.mocked(aeadOpen).mock.calls).toHaveLength(7)
    expect(vi.mocked(hmac).mock.calls).toHaveLength(0)
  })
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
