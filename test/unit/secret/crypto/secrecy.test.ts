/** What a thief of a session's state can read, and how long. */
import { expect, it } from 'vitest'
import { hmac } from '../../../../electron/core/secret/crypto/primitives.ts'
import { open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { decodeSession, encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import { openBody } from '../../../../electron/core/secret/crypto/suite.ts'
import type { SessionState } from '../../../../electron/core/secret/crypto/types.ts'
import { type Random, seededRandom } from '../../../../shared/util/random.ts'
import { meet, NOW, read, text } from './people.ts'

/** Opens one body with any 32 bytes of a stolen state, taken for a message key, or for a chain key some steps before it. */
function opensWith(stolen: Uint8Array, th: Uint8Array, packet: Uint8Array, direction: 0 | 1, steps = 4): boolean {
  const [header, body] = [packet.subarray(2, 101), packet.subarray(101)]
  const context = { th, direction, front: packet.subarray(1, 2), header }
  for (let at = 0; at + 32 <= stolen.length; at++) {
    let chain = stolen.subarray(at, at + 32)
    if (openBody(chain, body, context)) return true
    for (let step = 0; step < steps; step++) {
      const next = hmac(chain, Uint8Array.of(1))
      chain = next.subarray(0, 32)
      if (openBody(next.subarray(32), body, context)) return true
    }
  }
  return false
}

/** One message each way, Bob's first. */
function round(alice: SessionState, bob: SessionState, random: Random) {
  const fromBob = seal(bob, [text('from bob')], NOW, random)
  const fromAlice = seal(read(alice, fromBob.packet).state, [text('from alice')], NOW, random)
  return {
    alice: fromAlice.state,
    bob: read(fromBob.state, fromAlice.packet).state,
    packets: [fromBob.packet, fromAlice.packet] as const,
  }
}

it('a state opens no message before it, its own and the other side’s', () => {
  const talk = meet(1)
  let { alice, bob } = round(talk.alice, talk.bob, talk.random)
  const sent = [0, 1].map(() => {
    const sealed = seal(alice, [text('x')], NOW, talk.random)
    ;[alice, bob] = [sealed.state, read(bob, sealed.packet).state]
    return sealed.packet
  })
  // The search is able to find: one step ahead is open to whoever has the state.
  const next = seal(alice, [text('next')], NOW, talk.random)
  expect(opensWith(encodeSession(alice), alice.th, next.packet, 0)).toBe(true)
  expect(opensWith(encodeSession(bob), bob.th, next.packet, 0)).toBe(true)
  for (const packet of sent) {
    for (const state of [alice, bob]) expect(opensWith(encodeSession(state), state.th, packet, 0)).toBe(false)
    expect(open(bob, packet, NOW)).toEqual({ result: 'duplicate' })
  }
})

it('a message that was skipped opens from the state until it has come, and not after', () => {
  const talk = meet(2)
  const started = round(talk.alice, talk.bob, talk.random)
  const late = seal(started.alice, [text('late')], NOW, talk.random)
  const next = seal(late.state, [text('next')], NOW, talk.random)
  const waiting = read(started.bob, next.packet).state
  expect(opensWith(encodeSession(waiting), waiting.th, late.packet, 0, 0)).toBe(true)
  const done = read(waiting, late.packet).state
  expect(opensWith(encodeSession(done), done.th, late.packet, 0)).toBe(false)
})

it('a stolen state is worth nothing after one turn of both', () => {
  for (const steal of ['alice', 'bob'] as const) {
    const talk = meet(3)
    let { alice, bob } = round(talk.alice, talk.bob, talk.random)
    const stolen = encodeSession(steal === 'alice' ? alice : bob)
    const thief = decodeSession(stolen)
    const one = round(alice, bob, talk.random)
    // What is under way when it is stolen can be read.
    if (steal === 'alice') expect(open(thief, one.packets[0], NOW).result).toBe('message')
    ;({ alice, bob } = round(one.alice, one.bob, talk.random))
    const after = round(alice, bob, talk.random)
    for (const [direction, packet] of [
      [1, after.packets[0]],
      [0, after.packets[1]],
    ] as const) {
      expect(open(thief, packet, NOW).result).toBe('unreadable')
      expect(opensWith(stolen, thief.th, packet, direction, 8)).toBe(false)
    }
  }
})

/**
 * A thief with Alice's whole state and, from then on, every X25519 secret she makes: somebody who can compute discrete
 * logarithms. Only what she draws for ML-KEM (64 bytes) stays hers.
 */
function withOracle(random: Random) {
  const drawn: Uint8Array[] = []
  const own = seededRandom(99)
  const watched: Random = {
    fraction: random.fraction,
    bytes(length) {
      const bytes = random.bytes(length)
      drawn.push(bytes)
      return bytes
    },
  }
  const told: Random = {
    fraction: random.fraction,
    bytes(length) {
      const hers = drawn.shift()
      return hers && length !== 64 ? hers : own.bytes(length)
    },
  }
  return { watched, told }
}

it('whoever breaks X25519 reads on, until the next re-keying', () => {
  const talk = meet(4)
  let { alice, bob } = round(talk.alice, talk.bob, talk.random)
  expect(alice.rekeying.step.kind).toBe('idle')
  let thief = decodeSession(encodeSession(alice))
  const { watched, told } = withOracle(talk.random)
  const before: number = alice.rekeying.epoch
  let readable = 0
  let closed = 0
  for (let i = 0; i < 40; i++) {
    const fromBob = seal(bob, [text('secret')], NOW, talk.random)
    const seen = open(thief, fromBob.packet, NOW)
    if (alice.rekeying.epoch === before) {
      if (seen.result !== 'message') throw new Error('the thief should still read')
      readable++
      thief = seen.state
    } else {
      expect(seen.result).toBe('unreadable')
      closed++
    }
    const fromAlice = seal(read(alice, fromBob.packet).state, [text('secret')], NOW, watched)
    // The thief takes the same step with the same secrets.
    if (seen.result === 'message') thief = seal(thief, [text('secret')], NOW, told).state
    ;[alice, bob] = [fromAlice.state, read(fromBob.state, fromAlice.packet).state]
  }
  expect(readable).toBeGreaterThan(20)
  expect(closed).toBeGreaterThan(10)
})

it('headers of one chain have nothing in common, and say nothing of which chain they are', () => {
  const talk = meet(5)
  const { alice } = round(talk.alice, talk.bob, talk.random)
  let state = alice
  const headers = Array.from({ length: 20 }, () => {
    const sealed = seal(state, [], NOW, talk.random)
    state = sealed.state
    return sealed.packet.slice(2, 101)
  })
  for (const [i, a] of headers.entries())
    for (const b of headers.slice(i + 1)) {
      const same = a.filter((byte, at) => byte === b[at]).length
      expect(same).toBeLessThan(8)
    }
  // Nor is a ratchet key of the talk to be seen in one.
  const key = Buffer.from(alice.ratchet.pair?.publicKey ?? new Uint8Array(0))
  expect(headers.some((header) => Buffer.from(header).includes(key))).toBe(false)
})
