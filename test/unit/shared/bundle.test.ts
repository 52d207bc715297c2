import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bundle, type BundleTrust, canonicalJson, openBundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'

const ours = signingKeyFromSeed(new Uint8Array(32).fill(1))
const foreign = signingKeyFromSeed(new Uint8Array(32).fill(2))
const signers = [toBase64Url(ours.publicKey)]

function bundle(more: Partial<Bundle> = {}): Bundle {
  return {
    format: 1,
    version: 7,
    notBefore: 1000,
    expires: 9000,
    relayKey: toBase64Url(ours.publicKey),
    signers,
    roots: [],
    endpoints: [{ id: 'chat', plane: 'chat', host: 'chat.x.test', port: 443, addresses: ['240.1.0.10'], provider: 'own' }],
    proxies: [],
    doh: [],
    controls: [],
    bogons: [],
    ...more,
  }
}

const held: BundleTrust = { signers, version: 7, now: 5000 }

describe('a bundle from outside', () => {
  test('is taken when one of the keys held signed it, it is no older, and its time has come', () => {
    expect(openBundle(signBundle(bundle(), ours), held)).toEqual({ ok: true, bundle: bundle() })
    expect(openBundle(signBundle(bundle({ version: 8 }), ours), held)).toMatchObject({ ok: true })
  })

  test('is refused with its reason when anything is wrong', () => {
    const refusal = (signed: unknown, trust: Partial<BundleTrust> = {}) => {
      const opened = openBundle(signed, { ...held, ...trust })
      return opened.ok ? 'taken' : opened.reason
    }
    expect(refusal(signBundle(bundle(), foreign))).toBe('foreign')
    expect(refusal(signBundle(bundle({ version: 6 }), ours))).toBe('old')
    expect(refusal(signBundle(bundle(), ours), { now: 9001 })).toBe('expired')
    expect(refusal(signBundle(bundle(), ours), { now: 999 })).toBe('not-yet-valid')
    expect(refusal({ ...signBundle(bundle(), ours), payload: 'x'.repeat(70_000) })).toBe('too-large')
    const signed = signBundle(bundle(), ours)
    expect(refusal({ ...signed, payload: signed.payload.replace('240.1.0.10', '240.1.0.11') })).toBe('bad-signature')
    expect(refusal({ ...signed, payload: signed.payload.replace('{', '{ ') })).toBe('not-canonical')
  })

  test('the first one is trusted as it was handed over, but only if it signed itself', () => {
    const first: BundleTrust = { signers: null, version: 0, now: 5000 }
    expect(openBundle(signBundle(bundle(), ours), first)).toMatchObject({ ok: true })
    expect(openBundle(signBundle(bundle(), foreign), first)).toEqual({ ok: false, reason: 'foreign' })
  })

  test('one changed character anywhere never passes', () => {
    const signed = signBundle(bundle(), ours)
    fc.assert(
      fc.property(fc.nat({ max: signed.payload.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(signed.payload[at] !== character)
        const payload = signed.payload.slice(0, at) + character + signed.payload.slice(at + 1)
        expect(openBundle({ ...signed, payload }, held).ok).toBe(false)
      }),
    )
  })

  test('anything at all is answered, never thrown', () => {
    const nonsense = fc.oneof(
      fc.anything(),
      fc.record({ payload: fc.oneof(fc.string(), fc.json()), key: fc.string(), signature: fc.string() }),
    )
    fc.assert(
      fc.property(nonsense, (raw) => {
        expect(openBundle(raw, held).ok).toBe(false)
      }),
    )
  })
})

test('canonical text is the same whatever the order of keys, and parses back to the same content', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})
