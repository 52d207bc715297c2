import { describe, expect, it } from 'vitest'
import { emojiCommitment, emojiSymbols } from '../../../../electron/core/secret/crypto/emoji.ts'
import { safetyDigits } from '../../../../electron/core/secret/crypto/safety.ts'
import { seededRandom } from '../../../../shared/util/random.ts'
import { meet, person } from './people.ts'

describe('the safety number', () => {
  const random = seededRandom(1)
  const [alice, bob] = [person('alice', random).device.identity, person('bob', random).device.identity]
  const digits = safetyDigits(alice, bob)

  it('is 12 groups of 5 digits, the same on both sides', () => {
    expect(digits).toHaveLength(12)
    for (const group of digits) expect(group).toMatch(/^\d{5}$/)
    expect(safetyDigits(bob, alice)).toEqual(digits)
  })

  it('is another when anything about either side is another', () => {
    const other = random.bytes(32)
    const changes = [{ handle: 'eve' }, { account: other }, { device: random.bytes(16) }, { signing: other }, { agreement: other }]
    const numbers = changes.flatMap((change) => [safetyDigits({ ...alice, ...change }, bob), safetyDigits(alice, { ...bob, ...change })])
    expect(new Set([digits, ...numbers].map(String)).size).toBe(2 * changes.length + 1)
  })
})

describe('emoji', () => {
  const { alice, bob, random } = meet(2)
  const [a, b] = [random.bytes(32), random.bytes(32)]

  it('are seven, the same on both sides, and hang on the session and both secrets', () => {
    const symbols = emojiSymbols(alice.th, a, b)
    expect(symbols).toHaveLength(7)
    for (const symbol of symbols) expect(symbol >= 0 && symbol < 64).toBe(true)
    expect(emojiSymbols(bob.th, a, b)).toEqual(symbols)
    for (const others of [emojiSymbols(meet(3).alice.th, a, b), emojiSymbols(alice.th, b, a), emojiSymbols(alice.th, a, a)])
      expect(others).not.toEqual(symbols)
  })

  it('use all 64 symbols in all places', () => {
    const seen = Array.from({ length: 7 }, () => new Set<number>())
    for (let i = 0; i < 1000; i++)
      for (const [place, symbol] of emojiSymbols(alice.th, random.bytes(32), b).entries()) seen[place]?.add(symbol)
    expect(seen.map(({ size }) => size)).toEqual(Array(7).fill(64))
  })

  it('are bound by the commitment to one secret', () => {
    expect(emojiCommitment(a)).toEqual(emojiCommitment(a.slice()))
    expect(emojiCommitment(a)).not.toEqual(emojiCommitment(b))
    expect(emojiCommitment(a)).toHaveLength(32)
  })
})
