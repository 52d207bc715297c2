/** The public vectors of Wycheproof, CCTV and Signal, through the functions that secret chats use. */
import { createHash } from 'node:crypto'
import sodium from 'libsodium-wrappers'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import {
  aeadOpen,
  aeadSeal,
  decapsulate,
  encapsulate,
  hkdf,
  hmac,
  isKemKey,
  kemPair,
} from '../../../../electron/core/secret/crypto/primitives.ts'
import { joinHalves, numberHalf } from '../../../../electron/core/secret/crypto/safety.ts'
import { nativeAgree, wasmAgree, x25519Pair } from '../../../../electron/core/secret/crypto/x25519.ts'
import { concat, utf8 } from '../../../../shared/util/bytes.ts'
import { hex, toHex, vectors, wycheproof } from './vectors.ts'

const string = v.string()

it('X25519: every shared secret, and no all-zero one', () => {
  const file = vectors('wycheproof_x25519_test.json', wycheproof({}, { public: string, private: string, shared: string }))
  let seen = 0
  for (const test of file.testGroups.flatMap(({ tests }) => tests)) {
    for (const agree of [nativeAgree, wasmAgree]) {
      const work = () => toHex(agree(x25519Pair(hex(test.private)), hex(test.public)))
      if (/^0+$/.test(test.shared)) expect(work, `case ${test.tcId}`).toThrow()
      else expect(work(), `case ${test.tcId}`).toBe(test.shared)
    }
    seen++
  }
  expect(seen).toBe(518)
})

/** `verify` of shared/util signs lists of fields; the vectors are over bare messages, so they go to the function beneath it. */
const verifyBare = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => {
  try {
    return sodium.crypto_sign_verify_detached(signature, message, publicKey)
  } catch {
    return false
  }
}

it('Ed25519: every signature judged right', () => {
  const file = vectors('wycheproof_ed25519_test.json', wycheproof({ publicKey: v.object({ pk: string }) }, { msg: string, sig: string }))
  let seen = 0
  for (const group of file.testGroups)
    for (const test of group.tests) {
      expect(verifyBare(hex(test.sig), hex(test.msg), hex(group.publicKey.pk)), `case ${test.tcId}`).toBe(test.result === 'valid')
      seen++
    }
  expect(seen).toBe(151)
})

it('Ed25519: no key or nonce of low order, none that is not canonical, and no cofactor left over', () => {
  const file = vectors(
    'cctv_ed25519_vectors.json',
    v.array(v.object({ key: string, sig: string, msg: string, flags: v.nullable(v.array(string)) })),
  )
  const accepted = file.filter(({ key, sig, msg }) => verifyBare(hex(sig), Buffer.from(msg), hex(key)))
  expect(file).toHaveLength(914)
  expect(accepted).toHaveLength(43)
  const flags = new Set(accepted.flatMap(({ flags }) => flags ?? []))
  expect([...flags].filter((flag) => !flag.startsWith('low_order_component'))).toEqual([])
})

it('HKDF-SHA-512: every output, and none that is too long', () => {
  const file = vectors(
    'wycheproof_hkdf_sha512_test.json',
    wycheproof({}, { ikm: string, salt: string, info: string, size: v.number(), okm: string }),
  )
  let seen = 0
  for (const { tcId, ikm, salt, info, size, okm, result } of file.testGroups.flatMap(({ tests }) => tests)) {
    const work = () => toHex(hkdf(hex(salt), hex(ikm), hex(info), size))
    if (result === 'invalid') expect(work, `case ${tcId}`).toThrow(RangeError)
    else expect(work(), `case ${tcId}`).toBe(okm)
    seen++
  }
  expect(seen).toBe(83)
})

it('HMAC-SHA-512: every full tag', () => {
  const file = vectors('wycheproof_hmac_sha512_test.json', wycheproof({ tagSize: v.number() }, { key: string, msg: string, tag: string }))
  let seen = 0
  for (const group of file.testGroups.filter(({ tagSize }) => tagSize === 512))
    for (const { tcId, key, msg, tag, result } of group.tests) {
      expect(toHex(hmac(hex(key), hex(msg))) === tag, `case ${tcId}`).toBe(result === 'valid')
      seen++
    }
  expect(seen).toBe(87)
})

it('XChaCha20-Poly1305: seals and opens every valid case, and opens no other', () => {
  const entries = { key: string, iv: string, aad: string, msg: string, ct: string, tag: string }
  const file = vectors('wycheproof_xchacha20_poly1305_test.json', wycheproof({ ivSize: v.number() }, entries))
  let seen = 0
  for (const group of file.testGroups.filter(({ ivSize }) => ivSize === 192))
    for (const { tcId, key, iv, aad, msg, ct, tag, result } of group.tests) {
      const opened = aeadOpen(hex(key), hex(iv), hex(ct + tag), hex(aad))
      expect(opened && toHex(opened), `case ${tcId}`).toBe(result === 'valid' ? msg : null)
      if (result === 'valid') expect(toHex(aeadSeal(hex(key), hex(iv), hex(msg), hex(aad))), `case ${tcId}`).toBe(ct + tag)
      seen++
    }
  expect(seen).toBe(306)
})

it('ML-KEM-768: every pair from its seed', () => {
  const file = vectors('wycheproof_mlkem_768_keygen_seed_test.json', wycheproof({}, { seed: string, ek: string, dk: string }))
  const tests = file.testGroups.flatMap(({ tests }) => tests)
  for (const { tcId, seed, ek, dk } of tests) {
    const pair = kemPair(hex(seed))
    expect([toHex(pair.publicKey), toHex(pair.secretKey)], `case ${tcId}`).toEqual([ek, dk])
  }
  expect(tests).toHaveLength(100)
})

it('ML-KEM-768: every decapsulation, and no ciphertext of another length', () => {
  const file = vectors('wycheproof_mlkem_768_test.json', wycheproof({}, { seed: string, ek: v.optional(string), c: string, K: string }))
  const tests = file.testGroups.flatMap(({ tests }) => tests)
  for (const { tcId, seed, c, K, result } of tests) {
    const work = () => toHex(decapsulate(hex(c), kemPair(hex(seed)).secretKey))
    if (result === 'invalid') expect(work, `case ${tcId}`).toThrow()
    else expect(work(), `case ${tcId}`).toBe(K)
  }
  expect(tests).toHaveLength(193)
})

it('ML-KEM-768: every encapsulation, and none to a key that is none', () => {
  const file = vectors('wycheproof_mlkem_768_encaps_test.json', wycheproof({}, { m: string, ek: string, c: string, K: string }))
  const tests = file.testGroups.flatMap(({ tests }) => tests)
  for (const { tcId, m, ek, c, K, result } of tests) {
    expect(isKemKey(hex(ek)), `case ${tcId}`).toBe(result === 'valid')
    if (result !== 'valid') continue
    const { ciphertext, secret } = encapsulate(hex(ek), hex(m))
    expect([toHex(ciphertext), toHex(secret)], `case ${tcId}`).toEqual([c, K])
  }
  expect(tests).toHaveLength(265)
})

it("Signal's safety number, by the steps that ours takes", () => {
  const file = vectors(
    'signal_fingerprint.json',
    v.object({ alice_id: string, bob_id: string, alice_identity: string, bob_identity: string, display: string }),
  )
  const sha512 = (bytes: Uint8Array) => new Uint8Array(createHash('sha512').update(bytes).digest())
  const half = (id: string, identity: Uint8Array) => numberHalf(concat(Uint8Array.of(0, 0), identity, utf8(id)), identity, sha512)
  const [alice, bob] = [half(file.alice_id, hex(file.alice_identity)), half(file.bob_id, hex(file.bob_identity))]
  expect(joinHalves(alice, bob)).toBe(file.display)
  expect(joinHalves(bob, alice)).toBe(file.display)
})
