/** What somebody on the way may try. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { firstId, isFirst, openFirst } from '../../../../electron/core/secret/crypto/handshake.ts'
import { isNewer } from '../../../../electron/core/secret/crypto/packet.ts'
import { aeadOpen, hmac } from '../../../../electron/core/secret/crypto/primitives.ts'
import { seal } from '../../../../electron/core/secret/crypto/session.ts'
import { SecretError } from '../../../../electron/core/secret/crypto/types.ts'
import { forge, meet, NOW, person, read, text, textsOf } from './people.ts'

import { BAD, flip, NO_KEY, refuse, setAt, talking } from './tampering.ts'

vi.mock('../../../../electron/core/secret/crypto/primitives.ts', { spy: true })
beforeEach(() => {
  vi.mocked(aeadOpen).mockClear()
  vi.mocked(hmac).mockClear()
})

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
