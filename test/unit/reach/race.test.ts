/** The whole timeline of a race, on a virtual clock, with attempts that behave as a table says. R is 80 ms. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidate } from '../../../electron/core/reach/candidates.ts'
import { plan, staggerMs } from '../../../electron/core/reach/plan.ts'
import { choices, endpoint, play, proxies, R } from './race-world.ts'

const isPrimary = ({ endpoint: { id }, proxy }: Candidate) => id === 'a' && proxy === null

describe('nothing in the way', () => {
  it('dials once: whoever answers in good time holds the others back, and is through after four round trips', async () => {
    const { won, started, open } = await play(() => 'works')
    expect(started).toEqual(['0 240.16.0.10'])
    expect(won).toMatchObject({ ms: 4 * R, candidate: { kind: 'plain' } })
    expect(open).toBe(1)
  })

  it('goes by the remembered way and the plain one together', async () => {
    const proxied = plan(choices(), { s: 200, isUrgent: false }).find(({ candidate }) => candidate.proxy?.id === 'p7')?.candidate.text ?? ''
    const { won, started } = await play((candidate) => (candidate.proxy?.id === 'p7' ? 'works' : { at: 'reach', reason: 'silence' }), {
      remembered: [proxied],
    })
    expect(started.slice(0, 2)).toEqual(['0 proxy p7', '0 240.16.0.10'])
    expect(won?.ms).toBe(6 * R)
  })
})

describe('each kind of block, first time on a network', () => {
  it('SYN silent: after one step the way that shares least with it goes, then another address; the silent one is kept', async () => {
    const {
      won,
      started,
      race: running,
    } = await play(({ recipe }) => (recipe.address === '240.16.0.10' ? { at: 'reach', reason: 'silence' } : 'works'))
    expect(started).toEqual(['0 240.16.0.10', '200 240.17.0.10', '240 240.16.0.11'])
    expect(won).toMatchObject({ ms: 200 + 4 * R, candidate: { kind: 'sibling' } })
    expect(running.attempts()).toMatchObject([
      { outcome: 'cancelled', reason: 'superseded', phases: [{ phase: 'reach', outcome: 'cancelled' }] },
      {
        outcome: 'won',
        phases: [
          { phase: 'reach', outcome: 'ok' },
          { phase: 'encrypt', outcome: 'ok' },
          { phase: 'recognise', outcome: 'ok' },
        ],
      },
      { outcome: 'cancelled', reason: 'superseded' },
    ])
  })

  it('refused: the next way starts at that moment', async () => {
    const { won, started } = await play(({ recipe }) => (recipe.address === '240.16.0.10' ? { at: 'reach', reason: 'refused' } : 'works'))
    expect(started).toEqual(['0 240.16.0.10', `${R} 240.17.0.10`, `${R + 40} 240.16.0.11`])
    expect(won?.ms).toBe(5 * R)
  })

  it('name reset: another name, a proxy and the handshake in pieces are tried at that moment, not another address with the same name', async () => {
    const { won, started, race: running } = await play((candidate) => (isPrimary(candidate) ? { at: 'encrypt', reason: 'reset' } : 'works'))
    const early = { cause: 'failed', by: 1 }
    expect(
      running
        .attempts()
        .slice(0, 4)
        .map(({ why }) => why),
    ).toEqual([{ cause: 'first' }, early, early, early])
    expect(started.slice(0, 4)).toEqual(['0 240.16.0.10', `${2 * R} 240.17.0.10`, `${2 * R} proxy p0`, `${2 * R} 240.16.0.10 both`])
    expect(won).toMatchObject({ ms: 6 * R, candidate: { kind: 'sibling' } })
    expect(won?.ms).toBeLessThanOrEqual(550)
  })

  it('name met with silence: another name and the handshake in pieces are tried after 250 ms of it, the silent one is kept', async () => {
    const { won, started } = await play((candidate) => (isPrimary(candidate) ? { at: 'encrypt', reason: 'silence' } : 'works'))
    expect(started.slice(0, 3)).toEqual(['0 240.16.0.10', `${R + 250} 240.17.0.10`, `${R + 250} 240.16.0.10 both`])
    expect(won).toMatchObject({ candidate: { kind: 'sibling' } })
    expect(won?.ms).toBeLessThanOrEqual(800)
  })

  it('somebody answers but cannot prove to be the relay: never taken, the next starts at once', async () => {
    const { won, started } = await play(({ recipe }) =>
      recipe.address === '240.16.0.10' ? { at: 'recognise', reason: 'unproven' } : 'works',
    )
    expect(started).toContain(`${3 * R} 240.17.0.10`)
    expect(won?.candidate.recipe.address).toBe('240.17.0.10')
  })

  it.each(Array.from({ length: 10 }, (_, i) => i))('all silent but proxy %i of ten: started within two seconds', async (works) => {
    const { won, started, open } = await play(({ proxy }) => (proxy?.id === `p${works}` ? 'works' : { at: 'reach', reason: 'silence' }))
    expect(won?.candidate.proxy?.id).toBe(`p${works}`)
    expect(Number(started.at(-1)?.split(' ')[0])).toBeLessThanOrEqual(2_000)
    expect(won?.ms).toBeLessThanOrEqual(2_000 + 6 * R)
    expect(open).toBe(1)
  })

  it('nothing works: ends with nothing won and nothing open', async () => {
    const { won, open, race: running } = await play(() => ({ at: 'reach', reason: 'silence' }))
    expect(won).toBeNull()
    expect(open).toBe(0)
    expect(running.attempts().every(({ outcome }) => outcome === 'failed' || outcome === 'cancelled')).toBe(true)
  })
})

describe('beside a way that has fallen silent', () => {
  it('the silent one is dialled afresh and another provider with it, at once; one that failed lately waits its turn', async () => {
    const { won, started } = await play(
      ({ recipe }) => (recipe.address === '240.18.0.10' ? 'works' : { at: 'reach', reason: 'silence' }),
      {
        endpoints: [...choices().endpoints, endpoint('c', 'third.test', '240.18.0.10')],
        remembered: ['tcp 240.16.0.10:443 | tls sni=chat.test | ws'],
        doubted: new Set(['tcp 240.17.0.10:443 | tls sni=other.test | ws']),
      },
      200,
      true,
    )
    expect(started).toEqual(['0 240.16.0.10', '0 240.18.0.10', '40 240.16.0.11'])
    expect(won?.ms).toBe(4 * R)
  })
})

describe('a box that answers for everybody', () => {
  it('holds nobody back twice: after the first silence all are started within two seconds', async () => {
    const { won, started } = await play(({ proxy }) => (proxy?.id === 'p9' ? 'works' : { at: 'encrypt', reason: 'silence' }))
    expect(won?.candidate.proxy?.id).toBe('p9')
    expect(Number(started.at(-1)?.split(' ')[0])).toBeLessThanOrEqual(2_000)
  })
})

describe('always', () => {
  it('plans every way once, in order, all within two seconds', () => {
    fc.assert(
      fc.property(fc.nat(64), fc.integer({ min: 80, max: 250 }), fc.nat(5), fc.boolean(), (count, s, round, isUrgent) => {
        const starts = plan(choices({ proxies: proxies(count), round }), { s, isUrgent })
        expect(new Set(starts.map(({ candidate }) => candidate.text)).size).toBe(starts.length)
        expect(starts).toHaveLength(7 + count)
        expect(starts[0]?.atMs).toBe(0)
        for (const [i, start] of starts.entries()) {
          expect(start.atMs).toBeLessThanOrEqual(2_000)
          expect(start.atMs).toBeGreaterThanOrEqual(starts[i - 1]?.atMs ?? 0)
        }
      }),
    )
  })

  it('takes its step from what TCP takes here, within 80 and 250 ms, and 200 ms when unknown', () => {
    expect(staggerMs([])).toBe(200)
    expect(staggerMs([10, 20])).toBe(80)
    expect(staggerMs([100, 100, 100])).toBe(125)
    expect(staggerMs([900])).toBe(250)
  })
})
