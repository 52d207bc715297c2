import { expect, it } from 'vitest'
import { open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { decodeSession, encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import { meet, NOW, read, text, textsOf } from './people.ts'

it('lets two people talk, each message once', () => {
  let { alice, bob, random } = meet(1)
  for (let i = 1; i <= 300; i++) {
    const fromBob = seal(bob, [text(`b${i}`)], NOW, random)
    bob = fromBob.state
    const atAlice = read(alice, fromBob.packet)
    alice = decodeSession(encodeSession(atAlice.state))
    expect(textsOf(atAlice.items)).toEqual([`b${i}`])
    expect(atAlice).toMatchObject({ n: i, missing: 0, forked: false })
    const fromAlice = seal(alice, [text(`a${i}`)], NOW, random)
    alice = fromAlice.state
    const atBob = read(bob, fromAlice.packet)
    bob = decodeSession(encodeSession(atBob.state))
    expect(textsOf(atBob.items)).toEqual([`a${i}`])
    expect(atBob).toMatchObject({ n: i + 1, missing: 0, forked: false })
    expect(open(bob, fromAlice.packet, NOW)).toEqual({ result: 'duplicate' })
  }
  expect(alice.rekeying.epoch).toBe(bob.rekeying.epoch)
  expect(alice.rekeying.epoch).toBeGreaterThan(8)
})
