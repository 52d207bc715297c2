/** What an answer to a lookup is worth: sorted and doubted, never believed for its own sake. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evidence, judgeAnswer, siblingOf } from '../../../electron/core/net/dns/answer.ts'
import { isBogon } from '../../../electron/core/net/dns/bogon.ts'
import { seededRandom } from '../../../shared/util/random.ts'

const answer = (addresses: readonly string[], ...late: (readonly string[])[]) => ({ kind: 'answer' as const, addresses, late })
const judge = (evidence: Partial<Evidence>) =>
  judgeAnswer({ outcome: { kind: 'timeout' }, trust: 'clear', bogons: ['10.0.0.0/8'], ...evidence })

describe('an answer', () => {
  it('is usable as it was heard, when nothing speaks against it', () => {
    expect(judge({ outcome: answer(['240.16.0.10', '240.16.0.11']) })).toEqual({ usable: ['240.16.0.10', '240.16.0.11'], doubts: [] })
  })
  it('loses addresses that are nobody’s and that forgers are known to give, and keeps the others', () => {
    const judged = judge({ outcome: answer(['10.10.34.34', '8.7.198.45', '127.0.0.1', 'no address', '240.16.0.10']) })
    expect(judged).toEqual({ usable: ['240.16.0.10'], doubts: ['bogon', 'known-lie'] })
  })
  it('followed by another with nothing in common betrays a forger, and both are worth a try', () => {
    expect(judge({ outcome: answer(['240.99.0.1'], ['240.16.0.10']) })).toEqual({
      usable: ['240.99.0.1', '240.16.0.10'],
      doubts: ['two-answers'],
    })
    expect(judge({ outcome: answer(['240.16.0.10'], ['240.16.0.10']) }).doubts).toEqual([])
  })
  it('that an invented name gets as well is made up, unless the address has proved itself', () => {
    const outcome = answer(['240.99.0.1', '240.16.0.10'])
    const sibling = answer(['240.99.0.1', '240.16.0.10'])
    expect(judge({ outcome, sibling })).toEqual({ usable: [], doubts: ['answers-anything'] })
    expect(judge({ outcome, sibling, proven: new Set(['240.16.0.10']) }).usable).toEqual(['240.16.0.10'])
    expect(judge({ outcome, sibling: { kind: 'nxdomain', soa: true } }).doubts).toEqual([])
  })
  it('has proven addresses first', () => {
    expect(judge({ outcome: answer(['240.16.0.10', '240.16.0.11']), proven: new Set(['240.16.0.11']) }).usable).toEqual([
      '240.16.0.11',
      '240.16.0.10',
    ])
  })
  it('that there is no such name wants the zone’s proof, except from somebody who proved to be the resolver', () => {
    expect(judge({ outcome: { kind: 'nxdomain', soa: false } }).doubts).toEqual(['no-proof-of-absence'])
    expect(judge({ outcome: { kind: 'nxdomain', soa: true } }).doubts).toEqual([])
    expect(judge({ outcome: { kind: 'nxdomain', soa: false }, trust: 'authenticated' }).doubts).toEqual([])
  })
  it('never makes anything usable that nobody said, and nothing twice', () => {
    const address = fc.ipV4()
    fc.assert(
      fc.property(fc.array(address), fc.array(fc.array(address)), fc.array(address), (first, late, proven) => {
        const { usable } = judge({ outcome: answer(first, ...late), proven: new Set(proven) })
        expect([first, ...late].flat()).toEqual(expect.arrayContaining([...usable]))
        expect(new Set(usable).size).toBe(usable.length)
        expect(usable.some((each) => isBogon(each, ['10.0.0.0/8']))).toBe(false)
      }),
    )
  })
})

it('makes up a sibling that shares the zone and nothing else', () => {
  const random = seededRandom(1)
  const [a, b] = [siblingOf('chat.throughline.test', random), siblingOf('chat.throughline.test', random)]
  expect(a).toMatch(/^[a-z]{12}\.throughline\.test$/)
  expect(a).not.toBe(b)
})

it('knows addresses that cannot be a server', () => {
  const nobody = ['0.0.0.0', '127.0.0.1', '::1', 'x', '10.10.34.34', 'd0::11', '192.168.1.1', '64:ff9b::a00:1']
  expect(nobody.filter((address) => !isBogon(address, ['bad']))).toEqual([])
  expect(isBogon('240.16.0.10', ['10.0.0.0/8', '2400:db8::/32'])).toBe(false)
  expect(isBogon('240.16.0.10', ['240.0.0.0/4'])).toBe(true)
})
