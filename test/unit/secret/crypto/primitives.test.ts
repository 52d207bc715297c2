import { createHmac, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  aeadOpen,
  aeadSeal,
  decapsulate,
  encapsulate,
  hash,
  hkdf,
  hmac,
  isCanonicalPoint,
  isKemKey,
  kemPair,
} from '../../../../electron/core/secret/crypto/primitives.ts'
import {
  type Agree,
  agree,
  nativeAgree,
  nativePairOf,
  wasmAgree,
  wasmPairOf,
  x25519Pair,
} from '../../../../electron/core/secret/crypto/x25519.ts'
import { utf8 } from '../../../../shared/util/bytes.ts'
import { signingKeyFromSeed, verify } from '../../../../shared/util/signing.ts'
import { hex, toHex } from './vectors.ts'

describe.each<[string, Agree]>([
  ['node:crypto', nativeAgree],
  ['libsodium', wasmAgree],
])('X25519 of %s', (_, own) => {
  it('gives the results of RFC 7748, section 5.2', () => {
    const scalar = hex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4')
    const point = hex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c')
    expect(toHex(own(x25519Pair(scalar), point))).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552')
    let [k, u] = [hex(`09${'00'.repeat(31)}`), hex(`09${'00'.repeat(31)}`)]
    for (let i = 1; i <= 1000; i++) {
      ;[k, u] = [own(x25519Pair(k), u), k]
      if (i === 1) expect(toHex(k)).toBe('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079')
    }
    expect(toHex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51')
  })

  it('gives both people of RFC 7748, section 6.1, the same secret', () => {
    const alice = x25519Pair(new Uint8Array(32).fill(9))
    const bob = x25519Pair(hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'))
    expect(toHex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
    expect(toHex(own(alice, bob.publicKey))).toBe(toHex(own(bob, alice.publicKey)))
  })

  it('refuses every point of low order', () => {
    const points = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
    ]
    for (const point of points) expect(() => own(x25519Pair(new Uint8Array(32).fill(7)), hex(point))).toThrow()
  })

  it('knows one spelling of each coordinate', () => {
    const spelling = (low: string, high: string) => isCanonicalPoint(hex(`${low}${'ff'.repeat(30)}${high}`))
    expect(spelling('ec', '7f')).toBe(true)
    expect(spelling('ed', '7f')).toBe(false)
    expect(spelling('ff', '7f')).toBe(false)
    expect(spelling('00', '80')).toBe(false)
    expect(spelling('ff', '7e')).toBe(true)
    expect(isCanonicalPoint(hex(`ed${'ff'.repeat(29)}fe7f`))).toBe(true)
    expect(isCanonicalPoint(new Uint8Array(31))).toBe(false)
  })
})

describe('Ed25519', () => {
  it('gives the keys of RFC 8032, section 7.1', () => {
    const key = signingKeyFromSeed(hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'))
    expect(toHex(key.publicKey)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
  })

  it('refuses a signature of the wrong length, or over something else', () => {
    const { publicKey } = signingKeyFromSeed(new Uint8Array(32))
    expect(verify('purpose', [], new Uint8Array(63), publicKey)).toBe(false)
    expect(verify('purpose', [], new Uint8Array(64), publicKey)).toBe(false)
  })
})

describe('hashes', () => {
  it('gives BLAKE2b of RFC 7693, appendix A', () => {
    expect(toHex(hash(64, utf8('abc')))).toBe(
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
  })

  it('gives HMAC-SHA-512 of RFC 4231, for keys below and above a block', () => {
    expect(toHex(hmac(new Uint8Array(20).fill(0x0b), utf8('Hi There')))).toBe(
      '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    )
    expect(toHex(hmac(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    )
    expect(toHex(hmac(new Uint8Array(131).fill(0xaa), utf8('Test Using Larger Than Block-Size Key - Hash Key First')))).toBe(
      '80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598',
    )
  })

  it('agrees with another implementation of HMAC and HKDF for every length of key, salt, info and output', () => {
    const bytes = (max: number) => fc.uint8Array({ minLength: 0, maxLength: max })
    fc.assert(
      fc.property(bytes(200), bytes(100), bytes(200), fc.integer({ min: 1, max: 300 }), (salt, secret, info, length) => {
        expect(toHex(hmac(salt, secret))).toBe(createHmac('sha512', salt).update(secret).digest('hex'))
        expect(toHex(hkdf(salt, secret, info, length))).toBe(Buffer.from(hkdfSync('sha512', secret, salt, info, length)).toString('hex'))
      }),
      { numRuns: 300 },
    )
    expect(() => hkdf(new Uint8Array(32), new Uint8Array(32), new Uint8Array(0), 255 * 64 + 1)).toThrow(RangeError)
  })
})

describe('XChaCha20-Poly1305', () => {
  // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
  const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f')
  const nonce = hex('404142434445464748494a4b4c4d4e4f5051525354555657')
  const associated = hex('50515253c0c1c2c3c4c5c6c7')
  const plain = utf8("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.")
  const sealed = hex(
    'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
  )

  it('gives the result of the draft', () => expect(toHex(aeadSeal(key, nonce, plain, associated))).toBe(toHex(sealed)))
  it('opens it', () => expect(aeadOpen(key, nonce, sealed, associated)).toEqual(plain))
  it('opens nothing else', () => {
    for (let i = 0; i < sealed.length; i++) {
      const altered = sealed.slice()
      altered[i] = (altered[i] ?? 0) ^ 1
      expect(aeadOpen(key, nonce, altered, associated)).toBeNull()
    }
    expect(aeadOpen(key, nonce, sealed, plain)).toBeNull()
    expect(aeadOpen(key, nonce, sealed.subarray(0, 15), associated)).toBeNull()
  })
})

describe('ML-KEM-768', () => {
  const { publicKey, secretKey } = kemPair(new Uint8Array(64).fill(3))

  it('gives both sides the same secret', () => {
    const { ciphertext, secret } = encapsulate(publicKey, new Uint8Array(32).fill(5))
    expect(decapsulate(ciphertext, secretKey)).toEqual(secret)
  })

  it('gives another secret for an altered ciphertext, and no error', () => {
    const { ciphertext, secret } = encapsulate(publicKey, new Uint8Array(32).fill(5))
    ciphertext[100] = (ciphertext[100] ?? 0) ^ 1
    expect(decapsulate(ciphertext, secretKey)).not.toEqual(secret)
  })

  it('knows a key with a coefficient beyond the modulus for none', () => {
    expect(isKemKey(publicKey)).toBe(true)
    expect(isKemKey(new Uint8Array(1184).fill(0xff))).toBe(false)
    expect(isKemKey(publicKey.subarray(1))).toBe(false)
  })

  it('takes exactly the keys that encapsulating takes', () => {
    const takes = (key: Uint8Array) => {
      try {
        encapsulate(key, new Uint8Array(32))
        return true
      } catch {
        return false
      }
    }
    // One coefficient, just below and from the modulus on, in either place of its three bytes.
    for (const [at, value] of [0, 1, 766, 767].flatMap((place) => [3328, 3329, 4095].map((coefficient) => [place, coefficient] as const))) {
      const key = new Uint8Array(publicKey)
      const first = Math.floor(at / 2) * 3
      if (at % 2 === 0) {
        key[first] = value & 0xff
        key[first + 1] = ((key[first + 1] ?? 0) & 0xf0) | (value >> 8)
      } else {
        key[first + 1] = ((key[first + 1] ?? 0) & 0x0f) | ((value & 15) << 4)
        key[first + 2] = value >> 4
      }
      expect(isKemKey(key)).toBe(value < 3329)
      expect(takes(key)).toBe(value < 3329)
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1184, maxLength: 1184 }), (key) => isKemKey(key) === takes(key)),
      { numRuns: 50 },
    )
  })
})

it('uses the agreement of this Node, which is right', () => expect([agree, x25519Pair]).toEqual([nativeAgree, nativePairOf]))

it('makes the same pair of a secret key in machine code and in WebAssembly', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secretKey) => {
      const pair = nativePairOf(secretKey)
      expect(pair).toEqual(wasmPairOf(secretKey))
      // Also once it was used.
      agree(pair, wasmPairOf(new Uint8Array(32).fill(1)).publicKey)
      expect(nativePairOf(secretKey)).toEqual(pair)
    }),
    { numRuns: 50 },
  )
})
