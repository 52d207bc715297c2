/** What a friend can hand on: signed things and the way that works, no more; and what becomes of it at the other end. */
import { describe, expect, it } from 'vitest'
import { createBundleDesk } from '../../../electron/core/reach/bundle-desk.ts'
import { createHints } from '../../../electron/core/reach/bundle-hints.ts'
import { createBundleHolder } from '../../../electron/core/reach/bundle-holder.ts'
import { printLink, readParcel } from '../../../electron/core/reach/bundle-parcel.ts'
import { signBundle } from '../../../shared/protocol/bundle.ts'
import { signShard } from '../../../shared/protocol/bundle-shard.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { bundleOf, keys, shardOf } from './bundles.ts'
import { memoryValues } from './world.ts'

const plain = 'tcp 240.16.0.10:443 | tls sni=chat.test | ws'
const bySocks = 'socks5 240.32.0.7:1080 | tcp 240.16.0.10:443 | tls sni=chat.test | ws'
const elsewhere = 'tcp 240.66.6.6:443 | tls sni=chat.test | ws'

function person(version: number, works: string | null = null) {
  const clock = new VirtualClock(1_000)
  const values = memoryValues()
  const holder = createBundleHolder(signBundle(bundleOf({ version }), keys.ours), values, clock)
  const hints = createHints(values, clock)
  const said: string[] = []
  const desk = createBundleDesk({ holder, hints, inUse: () => works, onTaken: (what) => said.push(what) })
  return { clock, values, holder, hints, desk, said }
}

describe('what a friend shares', () => {
  it('brings the newer bundle and the way that works there, once', () => {
    const { link, works, version } = person(2, plain).desk.share()
    expect([works, version]).toEqual([plain, 2])
    const { desk, holder, hints, said } = person(1)
    expect(desk.take(`try this: ${link}`)).toEqual({ outcome: 'taken', version: 2, addedWays: 0, works: plain })
    expect([holder.current().version, hints.list()]).toEqual([2, [plain]])
    expect(desk.take(link)).toEqual({ outcome: 'known' })
    expect(said).toEqual(['newer', 'same'])
  })
  it('of the shards holds the one that the way needs, and no other', () => {
    const { holder, desk } = person(1, bySocks)
    const other = shardOf({ shard: 'family-1', proxies: [{ id: 'hidden', kind: 'socks5', address: '240.32.0.99', port: 1080 }] })
    holder.take({ shards: [signShard(shardOf({}), keys.ours), signShard(other, keys.ours)] }, 'hand')
    const { link } = desk.share()
    const read = readParcel(link)
    expect(read.ok && read.parcel.shards?.length).toBe(1)
    const { desk: theirs, holder: held } = person(1)
    expect(theirs.take(link)).toEqual({ outcome: 'taken', version: null, addedWays: 1, works: bySocks })
    expect(held.current().proxies.map(({ id }) => id)).toEqual(['quiet'])
  })
  it('never shows a way of the giver’s own: a proxy added by hand, an address that a lookup gave', () => {
    for (const own of [bySocks, elsewhere]) {
      const { link, works } = person(1, own).desk.share()
      expect(works).toBeNull()
      expect(readParcel(link)).toMatchObject({ ok: true, parcel: { bundle: expect.anything() } })
      expect(JSON.stringify(readParcel(link))).not.toContain(own)
    }
  })
  it('is worth something though its bundle is older than ours: what works still counts', () => {
    const { link } = person(1, plain).desk.share()
    const { desk, holder } = person(4)
    expect(desk.take(link)).toEqual({ outcome: 'taken', version: null, addedWays: 0, works: plain })
    expect(holder.current().version).toBe(4)
    expect(desk.take(link)).toEqual({ outcome: 'refused', reason: 'old' })
  })
  it('forged to lead to an address of somebody’s own, says nothing that is kept', () => {
    const { desk, hints } = person(1)
    const bundle = signBundle(bundleOf({ version: 1 }), keys.ours)
    expect(desk.take(printLink({ bundle, works: elsewhere }))).toEqual({ outcome: 'known' })
    expect(hints.list()).toEqual([])
  })
})

it('forgets what friends said after a week, and keeps the newest over a restart', () => {
  const { clock, values, hints } = person(1)
  hints.add(plain)
  clock.advance(3 * 86_400_000)
  hints.add(bySocks)
  expect(createHints(values, clock).list()).toEqual([bySocks, plain])
  clock.advance(5 * 86_400_000)
  expect(createHints(values, clock).list()).toEqual([bySocks])
})
