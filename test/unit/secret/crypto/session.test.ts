import { describe, expect, it } from 'vitest'
import { openFirst } from '../../../../electron/core/secret/crypto/handshake.ts'
import { needsTurn, open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { decodeSession, encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import { SecretError, type SessionState } from '../../../../electron/core/secret/crypto/types.ts'
import { meet, NOW, read, text, textsOf } from './people.ts'

const DAY = 24 * 3600 * 1000

describe('a talk', () => {
  it('brings each message once, in both directions, and its number', () => {
    let { alice, bob, random } = meet(1)
    for (let i = 1; i <= 60; i++) {
      const fromBob = seal(bob, [text(`b${i}`)], NOW, random)
      const atAlice = read(alice, fromBob.packet)
      expect(textsOf(atAlice.items)).toEqual([`b${i}`])
      expect(atAlice).toMatchObject({ n: i, missing: 0, forked: false })
      const fromAlice = seal(atAlice.state, [text(`a${i}`)], NOW, random)
      const atBob = read(fromBob.state, fromAlice.packet)
      expect(textsOf(atBob.items)).toEqual([`a${i}`])
      expect(atBob).toMatchObject({ n: i + 1, missing: 0, forked: false })
      expect(open(atBob.state, fromAlice.packet, NOW)).toEqual({ result: 'duplicate' })
      ;[alice, bob] = [fromAlice.state, atBob.state]
    }
  })

  it('counts what has not come, and again when it comes', () => {
    let { alice, bob, random } = meet(2)
    const packets = ['one', 'two', 'three', 'four'].map((words) => {
      const sealed = seal(alice, [text(words)], NOW, random)
      alice = sealed.state
      return sealed.packet
    })
    const [one, two, three, four] = packets as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const seen = [four, one, three, two].map((packet) => {
      const opened = read(bob, packet)
      bob = opened.state
      return [...textsOf(opened.items), opened.n, opened.missing]
    })
    expect(seen).toEqual([
      ['four', 5, 3],
      ['one', 2, 2],
      ['three', 4, 1],
      ['two', 3, 0],
    ])
  })

  it('begins with a later packet when the first is lost, and says how many are missing', () => {
    const { alice, random, people } = meet(3)
    const second = seal(alice, [text('second')], NOW, random)
    const opened = openFirst(people.bob.device, people.alice.device.identity, second.packet, people.bob.prekeys, NOW)
    expect(opened).toMatchObject({ n: 2, missing: 1 })
    expect(textsOf(opened.items)).toEqual(['second'])
  })

  it('carries the handshake until something of the other side has opened, and not after', () => {
    const { alice, bob, random } = meet(4)
    expect(alice.confirmed).toBe(false)
    const again = seal(alice, [text('again')], NOW, random)
    expect(again.packet[1]).toBe(1)
    const opened = read(read(bob, again.packet).state, seal(again.state, [], NOW, random).packet)
    const answer = seal(opened.state, [], NOW, random)
    expect(answer.packet[1]).toBe(2)
    const confirmed = read(again.state, answer.packet).state
    expect(confirmed.confirmed).toBe(true)
    expect(seal(confirmed, [], NOW, random).packet[1]).toBe(2)
  })

  it('notices that the other side went back to an older state', () => {
    const { alice, bob, random } = meet(5)
    const old = alice
    let here = bob
    let there = alice
    for (const words of ['a', 'b']) {
      const sealed = seal(there, [text(words)], NOW, random)
      there = sealed.state
      here = read(here, sealed.packet).state
    }
    let restored: SessionState = old
    const results = ['a again', 'b again', 'c'].map((words) => {
      const sealed = seal(restored, [text(words)], NOW, random)
      restored = sealed.state
      return open(here, sealed.packet, NOW)
    })
    expect(results.map(({ result }) => result)).toEqual(['duplicate', 'duplicate', 'message'])
    expect(results[2]).toMatchObject({ forked: true, n: 4 })
  })

  it('says the same words and looks the same to the store whichever way it went there', () => {
    const { alice, bob, random } = meet(6)
    const sealed = seal(alice, [text('x')], NOW, random)
    const direct = read(bob, sealed.packet).state
    const viaStore = read(decodeSession(encodeSession(bob)), sealed.packet).state
    expect(encodeSession(viaStore)).toEqual(encodeSession(direct))
  })
})

describe('limits', () => {
  /** Alice writes `count` messages that nobody has got yet. */
  function burst(alice: SessionState, count: number, random: ReturnType<typeof meet>['random']) {
    const packets: Uint8Array[] = []
    let state = alice
    for (let i = 0; i < count; i++) {
      const sealed = seal(state, [text(`${i}`)], NOW, random)
      packets.push(sealed.packet)
      state = sealed.state
    }
    return { state, packets }
  }
  const at = (packets: readonly Uint8Array[], index: number): Uint8Array => packets[index] ?? new Uint8Array(0)

  it('skips 1,000 messages of a chain at once, and not one more', () => {
    const { alice, bob, random } = meet(10)
    const { packets } = burst(alice, 1002, random)
    expect(open(bob, at(packets, 1001), NOW)).toEqual({ result: 'unreadable', why: 'too-far' })
    const far = read(bob, at(packets, 1000))
    expect(far).toMatchObject({ n: 1002, missing: 1000 })
    expect(read(far.state, at(packets, 0))).toMatchObject({ n: 2, missing: 999 })
    // After the first thousand came, the next may be skipped.
    expect(read(far.state, at(packets, 1001))).toMatchObject({ n: 1003, missing: 1000 })
  })

  it('stores 2,000 skipped keys, and lets the oldest go first', () => {
    const { alice, bob, random } = meet(11)
    const { packets } = burst(alice, 2103, random)
    let state = bob
    for (const index of [1000, 2001, 2102]) state = read(state, at(packets, index)).state
    const stored = state.ratchet.chains.reduce((sum, { skipped }) => sum + skipped.size, 0)
    expect(stored).toBe(2000)
    // What was let go is said to be lost, and only that: the others of this chain were opened, or may still come.
    for (const index of [0, 50, 99]) expect(open(state, at(packets, index), NOW)).toEqual({ result: 'unreadable', why: 'lost' })
    for (const index of [1000, 2001, 2102]) expect(open(state, at(packets, index), NOW)).toEqual({ result: 'duplicate' })
    expect(read(state, at(packets, 100)).n).toBe(102)
    expect(read(state, at(packets, 2101)).n).toBe(2103)
    expect(decodeSession(encodeSession(state))).toEqual(state)
  })

  it('keeps a skipped key for 7 days', () => {
    const { alice, bob, random } = meet(12)
    const { packets } = burst(alice, 3, random)
    const state = read(bob, at(packets, 1), NOW).state
    expect(open(state, at(packets, 0), NOW + 7 * DAY - 1).result).toBe('message')
    expect(open(state, at(packets, 0), NOW + 7 * DAY)).toEqual({ result: 'unreadable', why: 'lost' })
    const later = read(state, at(packets, 2), NOW + 7 * DAY).state
    expect(later.ratchet.chains.every(({ skipped }) => skipped.size === 0)).toBe(true)
    expect(open(later, at(packets, 0), NOW + 7 * DAY)).toEqual({ result: 'unreadable', why: 'lost' })
    expect(open(later, at(packets, 1), NOW + 7 * DAY)).toEqual({ result: 'duplicate' })
  })

  it('remembers at most 100 runs of lost messages of a chain, and takes those between the oldest for lost too', () => {
    const { alice, bob, random } = meet(15)
    const { packets } = burst(alice, 221, random)
    // Every second one arrives, so each of the others is a run of its own.
    let state = bob
    for (let index = 1; index <= 217; index += 2) state = read(state, at(packets, index)).state
    const later = read(state, at(packets, 220), NOW + 7 * DAY).state
    state = decodeSession(encodeSession(read(later, at(packets, 219), NOW + 7 * DAY).state))
    expect(state.ratchet.chains[0]?.lost).toHaveLength(100)
    expect(state).toEqual(decodeSession(encodeSession(state)))
    for (let index = 0; index <= 216; index += 2)
      expect(open(state, at(packets, index), NOW + 7 * DAY), `packet ${index}`).toEqual({ result: 'unreadable', why: 'lost' })
    expect(open(state, at(packets, 1), NOW + 7 * DAY)).toEqual({ result: 'unreadable', why: 'lost' })
    for (let index = 19; index <= 217; index += 2) expect(open(state, at(packets, index), NOW + 7 * DAY)).toEqual({ result: 'duplicate' })
  })

  it('opens what is five turns late, and not what is six', () => {
    const talk = meet(13)
    const { random } = talk
    let { alice, bob } = talk
    const late = burst(alice, 2, random)
    alice = late.state
    bob = read(bob, at(late.packets, 1)).state
    for (let turn = 1; turn <= 6; turn++) {
      const fromBob = seal(bob, [], NOW, random)
      alice = read(alice, fromBob.packet).state
      const fromAlice = seal(alice, [], NOW, random)
      ;[alice, bob] = [fromAlice.state, read(fromBob.state, fromAlice.packet).state]
      const opened = open(bob, at(late.packets, 0), NOW)
      if (turn <= 5) expect(opened).toMatchObject({ result: 'message', n: 2, missing: 0 })
      else expect(opened).toEqual({ result: 'unreadable', why: 'no-key' })
    }
  })

  it('refuses a body that does not fit, and says so', () => {
    const { alice, random } = meet(14)
    const longest = text('\u6f22'.repeat(16_384))
    expect(seal(alice, [longest], NOW, random).packet.length).toBeLessThan(65_536)
    expect(() => seal(alice, [longest, longest], NOW, random)).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(() => seal(alice, [longest, longest], NOW, random)).toThrow(SecretError)
  })
})

describe('post-quantum re-keying', () => {
  /** One message each way. */
  function round(alice: SessionState, bob: SessionState, random: ReturnType<typeof meet>['random'], now = NOW) {
    const fromBob = seal(bob, [], now, random)
    const atAlice = read(alice, fromBob.packet, now).state
    const fromAlice = seal(atAlice, [], now, random)
    return { alice: fromAlice.state, bob: read(fromBob.state, fromAlice.packet, now).state }
  }

  it('has mixed a fresh secret by the second turn of who began', () => {
    const { alice, bob, random } = meet(20)
    expect([alice.rekeying.epoch, bob.rekeying.epoch]).toEqual([0, 0])
    const after = round(alice, bob, random)
    expect([after.alice.rekeying.epoch, after.bob.rekeying.epoch]).toEqual([1, 1])
  })

  it('asks for a turn when an answer is owed, and when a secret waits to be mixed', () => {
    const { alice, bob, random } = meet(21)
    expect([needsTurn(alice), needsTurn(bob)]).toEqual([false, true])
    const answer = seal(bob, [], NOW, random)
    expect(needsTurn(answer.state)).toBe(false)
    const agreed = read(alice, answer.packet).state
    expect(needsTurn(agreed)).toBe(true)
    const mixed = seal(agreed, [], NOW, random)
    expect([needsTurn(mixed.state), needsTurn(read(answer.state, mixed.packet).state)]).toEqual([false, false])
  })

  it('comes again after 50 messages of both together', () => {
    const talk = meet(22)
    let { alice, bob } = round(talk.alice, talk.bob, talk.random)
    const epochs: number[] = []
    for (let i = 0; i < 26; i++) {
      ;({ alice, bob } = round(alice, bob, talk.random))
      epochs.push(alice.rekeying.epoch)
    }
    // The offer rides in the 51st message after the one before; it is answered and mixed with the two that follow.
    expect(epochs.indexOf(2)).toBe(24)
    expect(bob.rekeying.epoch).toBe(2)
  })

  it('comes again after a day', () => {
    const talk = meet(23)
    const first = round(talk.alice, talk.bob, talk.random)
    const soon = round(first.alice, first.bob, talk.random, NOW + DAY - 1)
    expect(soon.alice.rekeying.step.kind).toBe('idle')
    const later = round(first.alice, first.bob, talk.random, NOW + DAY)
    expect(later.alice.rekeying.step.kind).toBe('offered')
    expect(round(later.alice, later.bob, talk.random, NOW + DAY).bob.rekeying.epoch).toBe(2)
  })

  it('recovers when the body with the offer is lost', () => {
    const { alice, random, people } = meet(24)
    const second = seal(alice, [text('second')], NOW, random)
    const bob = openFirst(people.bob.device, people.alice.device.identity, second.packet, people.bob.prekeys, NOW).state
    expect(bob.rekeying.step.kind).toBe('idle')
    const again = round(second.state, bob, random)
    expect([again.alice.rekeying.epoch, again.bob.rekeying.step.kind]).toEqual([0, 'asked'])
    const after = round(again.alice, again.bob, random)
    expect([after.alice.rekeying.epoch, after.bob.rekeying.epoch]).toEqual([1, 1])
  })

  it('recovers when the body with the answer is lost, with the same answer', () => {
    const { alice, bob, random } = meet(25)
    const lost = seal(bob, [text('lost')], NOW, random)
    const next = seal(lost.state, [], NOW, random)
    const turned = seal(read(alice, next.packet).state, [], NOW, random)
    const asked = read(next.state, turned.packet).state
    expect(needsTurn(asked)).toBe(true)
    const after = round(turned.state, asked, random)
    expect([after.alice.rekeying.epoch, after.bob.rekeying.epoch]).toEqual([1, 1])
    // The first answer, arriving after all, changes nothing.
    const late = read(after.alice, lost.packet)
    expect(textsOf(late.items)).toEqual(['lost'])
    expect(late.state.rekeying.epoch).toBe(1)
    expect(round(late.state, after.bob, random).bob.rekeying.epoch).toBe(1)
  })

  it('stays in step while one side writes without an answer', () => {
    const talk = meet(26)
    let { alice, bob } = talk
    for (let i = 0; i < 120; i++) {
      const sealed = seal(alice, [text(`${i}`)], NOW, talk.random)
      ;[alice, bob] = [sealed.state, read(bob, sealed.packet).state]
    }
    for (let i = 0; i < 120; i++) {
      const sealed = seal(bob, [text(`${i}`)], NOW, talk.random)
      ;[bob, alice] = [sealed.state, read(alice, sealed.packet).state]
    }
    ;({ alice, bob } = round(alice, bob, talk.random))
    ;({ alice, bob } = round(alice, bob, talk.random))
    expect([alice.rekeying.epoch, bob.rekeying.epoch]).toEqual([2, 2])
  })
})
