/** Which bundles come into force, by whose key, by whose clock; what shards add; and that everything else changes nothing. */
import { describe, expect, it } from 'vitest'
import { createBundleHolder } from '../../../electron/core/reach/bundle-holder.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { signBundle } from '../../../shared/protocol/bundle.ts'
import { signShard } from '../../../shared/protocol/bundle-shard.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { bundleOf, keys, nameOf, shardOf } from './bundles.ts'
import { memoryValues } from './world.ts'

const signed = (version: number, key = keys.ours, changes: Partial<Bundle> = {}) => signBundle(bundleOf({ version, ...changes }), key)
const stranger = (version: number) => signed(version, keys.theirs, { signers: [nameOf(keys.theirs)] })

function holding(raw: unknown = signed(1), now = 1_000) {
  const values = memoryValues()
  const clock = new VirtualClock(now)
  return { values, clock, holder: createBundleHolder(raw, values, clock) }
}

describe('the bundle in force', () => {
  it('takes newer ones by the same signer, keeps them over a restart, and never goes back', () => {
    const { values, clock, holder } = holding()
    const told: number[] = []
    holder.onChange(({ version }) => told.push(version))
    expect(holder.offer(signed(3), 'in-band')).toBe('newer')
    expect(holder.offer(signed(2), 'in-band')).toBe('old')
    expect(holder.offer(signed(3), 'in-band')).toBe('same')
    expect(told).toEqual([3])
    expect(holder.note()).toMatchObject({ takenFrom: 'in-band' })
    expect(createBundleHolder(signed(1), values, clock).current().version).toBe(3)
  })
  it('refuses foreign, tampered and expired ones with the reason and keeps what it has', () => {
    const { holder } = holding()
    expect(holder.offer(stranger(9), 'mirror')).toBe('foreign')
    const tampered = { ...signed(9), payload: signed(9).payload.replace('240.16.0.10', '240.16.0.66') }
    expect(holder.offer(tampered, 'mirror')).toBe('bad-signature')
    expect(holder.offer({ payload: 'x' }, 'mirror')).toBe('malformed')
    holder.provenTime(2_000_000)
    expect(holder.offer(signed(9), 'mirror')).toBe('expired')
    expect(holder.current().version).toBe(1)
  })
  it('does not start from somebody else’s file, nor from nothing', () => {
    const { values, clock } = holding()
    expect(() => createBundleHolder(stranger(5), values, clock)).toThrow('bad-bundle: foreign')
    expect(() => createBundleHolder({}, memoryValues(), clock)).toThrow('bad-bundle: malformed')
  })
  it('goes on with an expired one it holds, and says that it is', () => {
    const { values, clock, holder } = holding()
    expect(holder.isExpired()).toBe(false)
    clock.advance(2_000_000)
    const later = createBundleHolder(signed(1), values, clock)
    expect([later.current().version, later.isExpired()]).toEqual([1, true])
  })
})

describe('whose clock counts', () => {
  it('a clock that runs years ahead refuses what is in force only until the relay has told the time, and time goes on from there', () => {
    const { clock, holder } = holding(signed(1, keys.ours, { expires: 9e15 }), 5_000_000)
    expect(holder.offer(signed(2), 'mirror')).toBe('expired')
    holder.provenTime(999_000)
    clock.advance(500)
    expect(holder.offer(signed(2), 'mirror')).toBe('newer')
    clock.advance(1_000)
    expect(holder.offer(signed(3), 'mirror')).toBe('expired')
  })
  it('a clock that runs behind is no earlier than what is held says', () => {
    const { holder } = holding(signed(1, keys.ours, { notBefore: 500, expires: 9e15 }), 900)
    expect(holder.offer(signed(2, keys.ours, { notBefore: 600, expires: 9e15 }), 'mirror')).toBe('newer')
    const late = holding(signed(1, keys.ours, { notBefore: 500, expires: 9e15 }), 900)
    late.clock.advance(-800)
    expect(late.holder.offer(signed(2, keys.ours, { expires: 400 }), 'mirror')).toBe('expired')
  })
})

describe('two keys', () => {
  it('are as good as each other, and either replaces the other', () => {
    const { values, clock, holder } = holding()
    expect(holder.offer(signed(2, keys.second), 'in-band')).toBe('newer')
    expect(holder.offer(signed(3, keys.second, { signers: [nameOf(keys.second), nameOf(keys.third)] }), 'in-band')).toBe('newer')
    expect(holder.offer(signed(4, keys.third, { signers: [nameOf(keys.third), nameOf(keys.second)] }), 'in-band')).toBe('newer')
    expect(createBundleHolder(signed(1), values, clock).current().version).toBe(4)
  })
  it('one that was thrown out signs nothing any more, neither bundles nor shards, and its shards go', () => {
    const { holder } = holding()
    expect(holder.take({ shards: [signShard(shardOf({}), keys.ours)] }, 'hand')).toEqual({ ok: true, version: null, addedWays: 1 })
    expect(holder.offer(signed(2, keys.second, { signers: [nameOf(keys.second)] }), 'in-band')).toBe('newer')
    expect(holder.offer(signed(9), 'mirror')).toBe('foreign')
    expect(holder.current().proxies).toEqual([])
    expect(holder.take({ shards: [signShard(shardOf({ version: 2 }), keys.ours)] }, 'hand')).toEqual({ ok: false, reason: 'foreign' })
  })
  it('nobody signs a bundle that does not name its own signer, so both cannot go at once', () => {
    const { holder } = holding()
    expect(holder.offer(signed(2, keys.ours, { signers: [nameOf(keys.third)] }), 'in-band')).toBe('foreign')
    expect(holder.current().version).toBe(1)
  })
})

describe('a shard', () => {
  const extra = { id: 'b', plane: 'chat' as const, host: 'other.test', port: 443, addresses: ['240.17.0.10'], provider: 'beta' }
  it('adds ways and replaces nothing, over a restart too', () => {
    const { values, clock, holder } = holding()
    const forged = { ...bundleOf({}).endpoints[0], addresses: ['240.66.6.6'] } as Bundle['endpoints'][number] // The first is there.
    const shard = signShard(shardOf({ endpoints: [forged, extra] }), keys.second)
    expect(holder.take({ shards: [shard] }, 'hand')).toEqual({ ok: true, version: null, addedWays: 2 })
    expect(holder.current().endpoints.map(({ addresses }) => addresses)).toEqual([['240.16.0.10'], ['240.17.0.10']])
    expect(
      createBundleHolder(signed(1), values, clock)
        .current()
        .proxies.map(({ id }) => id),
    ).toEqual(['quiet'])
    expect(holder.take({ shards: [shard] }, 'hand')).toEqual({ ok: true, version: null, addedWays: 0 })
  })
  it('is replaced by a later one of its name only', () => {
    const { holder } = holding()
    holder.take({ shards: [signShard(shardOf({ version: 2 }), keys.ours)] }, 'hand')
    holder.take({ shards: [signShard(shardOf({ version: 1, endpoints: [extra] }), keys.ours)] }, 'hand')
    expect(holder.current().endpoints).toHaveLength(1)
    holder.take({ shards: [signShard(shardOf({ version: 3, endpoints: [extra], proxies: [] }), keys.ours)] }, 'hand')
    expect([holder.current().endpoints.length, holder.current().proxies.length]).toEqual([2, 0])
  })
  it('is refused as bundles are, and one bad one takes the whole parcel with it', () => {
    const { holder } = holding()
    const good = signShard(shardOf({}), keys.ours)
    const parcel = (shard: typeof good) => holder.take({ bundle: signed(5), shards: [good, shard] }, 'hand')
    expect(parcel(signShard(shardOf({ shard: 'x' }), keys.theirs))).toEqual({ ok: false, reason: 'foreign' })
    expect(parcel(signShard(shardOf({ shard: 'x', expires: 500 }), keys.ours))).toEqual({ ok: false, reason: 'expired' })
    expect(parcel({ ...good, payload: good.payload.replace('1080', '1081') })).toEqual({ ok: false, reason: 'bad-signature' })
    // Signed as a bundle, it is no shard.
    expect(parcel(signed(6))).toEqual({ ok: false, reason: 'malformed' })
    expect([holder.current().version, holder.current().proxies.length]).toEqual([1, 0])
  })
})
