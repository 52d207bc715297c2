import { describe, expect, it } from 'vitest'
import { createBundleHolder } from '../../../electron/core/reach/bundle-holder.ts'
import { type Bundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { memoryValues } from './world.ts'

describe('the bundle in force', () => {
  const ours = signingKeyFromSeed(new Uint8Array(32).fill(1))
  const theirs = signingKeyFromSeed(new Uint8Array(32).fill(2))
  const bundle = (version: number, signer = ours): Bundle => ({
    format: 1,
    version,
    notBefore: 0,
    expires: 1_000_000,
    relayKey: toBase64Url(ours.publicKey),
    signers: [toBase64Url(signer.publicKey)],
    roots: [],
    endpoints: [{ id: 'a', plane: 'chat', host: 'chat.test', port: 443, addresses: ['240.16.0.10'], provider: 'a' }],
    proxies: [],
    doh: [],
    controls: [],
    bogons: [],
  })
  const signed = (version: number, signer = ours) => signBundle(bundle(version, signer), signer)

  it('takes newer ones by the same signer, keeps them over a restart, and never goes back', () => {
    const values = memoryValues()
    const clock = new VirtualClock(1_000)
    const holder = createBundleHolder(signed(1), values, clock)
    const told: number[] = []
    holder.onChange(({ version }) => told.push(version))
    expect(holder.offer(signed(3), 'in-band')).toBe('newer')
    expect(holder.offer(signed(2), 'in-band')).toBe('old')
    expect(holder.offer(signed(3), 'in-band')).toBe('same')
    expect(told).toEqual([3])
    expect(createBundleHolder(signed(1), values, clock).current().version).toBe(3)
  })
  it('refuses foreign, tampered and expired ones with the reason and keeps what it has', () => {
    const clock = new VirtualClock(1_000)
    const holder = createBundleHolder(signed(1), memoryValues(), clock)
    expect(holder.offer(signed(9, theirs), 'mirror')).toBe('foreign')
    const tampered = { ...signed(9), payload: signed(9).payload.replace('240.16.0.10', '240.16.0.66') }
    expect(holder.offer(tampered, 'mirror')).toBe('bad-signature')
    expect(holder.offer({ payload: 'x' }, 'mirror')).toBe('malformed')
    holder.provenTime(2_000_000)
    expect(holder.offer(signed(9), 'mirror')).toBe('expired')
    expect(holder.current().version).toBe(1)
  })
  it('does not start from somebody else’s file, nor from nothing', () => {
    const values = memoryValues()
    const clock = new VirtualClock(1_000)
    createBundleHolder(signed(1), values, clock)
    expect(() => createBundleHolder(signed(5, theirs), values, clock)).toThrow('bad-bundle: foreign')
    expect(() => createBundleHolder({}, memoryValues(), clock)).toThrow('bad-bundle: malformed')
  })
  it('goes on with an expired one it holds', () => {
    const values = memoryValues()
    const clock = new VirtualClock(1_000)
    createBundleHolder(signed(1), values, clock)
    clock.advance(2_000_000)
    expect(createBundleHolder(signed(1), values, clock).current().version).toBe(1)
  })
})
