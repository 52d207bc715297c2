/** Who stands beside us in `npm run bench -- reach` must first give the figures that its own source has published. */
import { describe, expect, it } from 'vitest'
import { calibrate } from '../../bench/reach/peer.ts'
import { peers } from '../../bench/reach/peers/all.ts'

describe.each(peers)('the replay of $name', (peer) => {
  it('gives its own source’s figures, to the millisecond where it has one', async () => {
    const checked = await calibrate(peer)
    expect(checked.length).toBeGreaterThan(0)
    expect(checked.filter(({ ok }) => !ok).map(({ known, ms }) => `${known.says}: ${ms}`)).toEqual([])
  })

  it('needs no time of its own where every step is free and nothing is in the way', async () => {
    const [free] = await calibrate({ ...peer, known: [{ says: 'nothing is in the way', ms: 0, dead: {} }] })
    expect(free?.ms).toBe(0)
  })
})

it('a replay with another constant is noticed', async () => {
  const [signal] = peers
  if (!signal) throw new Error('nobody is replayed')
  const wrong = await calibrate({ ...signal, known: signal.known.map((one) => ({ ...one, ms: one.ms + 1 })) })
  expect(wrong.map(({ ok }) => ok)).toEqual(signal.known.map(() => false))
})
