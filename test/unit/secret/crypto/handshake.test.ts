import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createDevice, decodeDevice, encodeDevice } from '../../../../electron/core/secret/crypto/device.ts'
import { openFirst, startSession } from '../../../../electron/core/secret/crypto/handshake.ts'
import { checkBundle, createKemPrekey, createX25519Prekey } from '../../../../electron/core/secret/crypto/prekeys.ts'
import { seal } from '../../../../electron/core/secret/crypto/session.ts'
import type { Device, SecretErrorCode } from '../../../../electron/core/secret/crypto/types.ts'
import { DeviceBundle } from '../../../../shared/protocol/secret.ts'
import { fields, toBase64Url } from '../../../../shared/util/bytes.ts'
import { seededRandom } from '../../../../shared/util/random.ts'
import { sign, signingKeyFromSeed } from '../../../../shared/util/signing.ts'
import { meet, NOW, person, read, text, textsOf } from './people.ts'
import { hex } from './vectors.ts'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR
const code = (code: SecretErrorCode) => expect.objectContaining({ name: 'SecretError', code })

describe('a device', () => {
  it('comes back from the store as it was', () => {
    const { device } = person('alice', seededRandom(1))
    expect(decodeDevice(encodeDevice(device))).toEqual(device)
  })

  it('is refused when anything about it was altered', () => {
    const random = seededRandom(1)
    const [alice, bob] = [person('alice', random).device, person('bob', random).device]
    const stored = JSON.parse(encodeDevice(alice))
    const other = JSON.parse(encodeDevice(bob))
    for (const key of Object.keys(stored)) {
      const mixed = JSON.stringify({ ...stored, [key]: other[key] })
      expect(() => decodeDevice(mixed), key).toThrow(code('damaged'))
      const { [key]: _, ...rest } = stored
      expect(() => decodeDevice(JSON.stringify(rest)), key).toThrow(code('damaged'))
    }
    for (const text of ['', '{', 'null', '{}', encodeDevice(alice).slice(1)]) expect(() => decodeDevice(text)).toThrow(code('damaged'))
  })
})

describe('a bundle', () => {
  const random = seededRandom(2)
  const alice = person('alice', random)
  const bob = person('bob', random)
  const own = alice.device.identity
  const owner = bob.device.identity
  const check = (bundle: DeviceBundle, now = NOW) => checkBundle(bundle, owner, own, now)

  it('shows whose device it is', () => {
    expect(v.is(DeviceBundle, bob.bundle)).toBe(true)
    expect(check(bob.bundle)).toEqual(owner)
    expect(check({ ...bob.bundle, x25519: null, mlkem768: null })).toEqual(owner)
  })

  it('is refused when one value in it is another’s or altered', () => {
    const theirs = alice.bundle
    for (const part of ['certificate', 'signed', 'lastResort', 'x25519', 'mlkem768', 'device'] as const)
      expect(() => check({ ...bob.bundle, [part]: theirs[part] }), part).toThrow(code('bad-bundle'))
    for (const part of ['signed', 'lastResort', 'x25519', 'mlkem768'] as const) {
      const prekey = bob.bundle[part]
      if (!prekey) throw new Error(part)
      for (const change of [
        { id: prekey.id + 1 },
        { created: prekey.created + 1 },
        { expires: prekey.expires + 1 },
        { signature: theirs.signed.signature },
      ])
        expect(() => check({ ...bob.bundle, [part]: { ...prekey, ...change } }), `${part} ${Object.keys(change)}`).toThrow(
          code('bad-bundle'),
        )
    }
    const { certificate } = bob.bundle
    for (const change of [
      { created: certificate.created + 1 },
      { agreement: theirs.certificate.agreement },
      { signing: theirs.certificate.signing },
    ])
      expect(() => check({ ...bob.bundle, certificate: { ...certificate, ...change } })).toThrow(code('bad-bundle'))
  })

  it('is refused when it is of another person than was asked for', () => {
    expect(() => checkBundle(bob.bundle, { ...owner, handle: 'rob' }, own, NOW)).toThrow(code('bad-bundle'))
    expect(() => checkBundle(bob.bundle, { ...owner, account: own.account }, own, NOW)).toThrow(code('bad-bundle'))
  })

  it('is refused when a prekey of one type stands in the place of another', () => {
    const { signed, lastResort, x25519, mlkem768 } = bob.bundle
    expect(() => check({ ...bob.bundle, signed: x25519 ?? signed })).toThrow(code('bad-bundle'))
    expect(() => check({ ...bob.bundle, x25519: signed })).toThrow(code('bad-bundle'))
    expect(() => check({ ...bob.bundle, lastResort: mlkem768 ?? lastResort })).toThrow(code('bad-bundle'))
    expect(() => check({ ...bob.bundle, mlkem768: lastResort })).toThrow(code('bad-bundle'))
  })

  it('is refused when a prekey is from the future, with an hour of grace', () => {
    const begin = bob.bundle.signed.created
    expect(check(bob.bundle, begin - HOUR)).toEqual(owner)
    expect(() => check(bob.bundle, begin - HOUR - 1)).toThrow(code('bad-bundle'))
    const { signed, x25519, lastResort, mlkem768 } = ahead(NOW + DAY)
    for (const bundle of [{ signed }, { x25519 }, { lastResort }, { mlkem768 }])
      expect(() => check({ ...bob.bundle, ...bundle }, NOW)).toThrow(code('bad-bundle'))
  })

  /** Prekeys of each kind, made then. */
  const ahead = (then: number) => ({
    signed: createX25519Prekey(bob.device, 'signed', 9, then, random).public,
    x25519: createX25519Prekey(bob.device, 'one-time', 9, then, random).public,
    lastResort: createKemPrekey(bob.device, 'last-resort', 9, then, random).public,
    mlkem768: createKemPrekey(bob.device, 'one-time', 9, then, random).public,
  })

  it('is refused once a prekey has expired, with an hour of grace', () => {
    const end = bob.bundle.signed.expires
    expect(end).toBe(NOW + 90 * DAY)
    expect(check(bob.bundle, end + HOUR)).toEqual(owner)
    expect(() => check(bob.bundle, end + HOUR + 1)).toThrow(code('expired'))
    const fresh = createX25519Prekey(bob.device, 'signed', 9, NOW + 80 * DAY, random).public
    expect(() => check({ ...bob.bundle, signed: fresh }, end + 2 * HOUR)).toThrow(code('expired'))
  })

  it('of our own device is refused, and of another device of our account is not', () => {
    expect(() => checkBundle(alice.bundle, own, own, NOW)).toThrow(code('own-device'))
    expect(checkBundle(alice.bundle, own, { ...own, device: random.bytes(16) }, NOW)).toEqual(own)
  })

  it('with keys of low order, or in another spelling, is refused though its owner signed them', () => {
    const low = hex('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157')
    const two = hex(`ef${'ff'.repeat(30)}7f`)
    for (const key of [low, two, new Uint8Array(32)])
      for (const [part, type] of [
        ['signed', 1],
        ['x25519', 2],
      ] as const) {
        const bundle = { ...bob.bundle, [part]: signedBy(bob.device, type, key) }
        expect(() => startSession(alice.device, bundle, owner, NOW, random), part).toThrow(code('bad-bundle'))
      }
    const account = signingKeyFromSeed(random.bytes(32))
    for (const agreement of [low, two]) {
      const identity = { ...owner, account: account.publicKey, agreement }
      const parts = [identity.handle, identity.account, identity.device, identity.signing, agreement, u64(NOW)]
      const signature = toBase64Url(sign('throughline secret device v1', parts, account))
      const certificate = { signing: toBase64Url(identity.signing), agreement: toBase64Url(agreement), created: NOW, signature }
      expect(() => startSession(alice.device, { ...bob.bundle, certificate }, identity, NOW, random)).toThrow(code('bad-bundle'))
    }
  })

  it('with a KEM key that is none is refused though its owner signed it', () => {
    const bundle = { ...bob.bundle, mlkem768: signedBy(bob.device, 4, new Uint8Array(1184).fill(0xff)) }
    expect(() => startSession(alice.device, bundle, owner, NOW, random)).toThrow(code('bad-bundle'))
  })

  const u64 = (value: number) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
    return bytes
  }
  function signedBy(device: Device, type: number, key: Uint8Array) {
    const [id, created, expires] = [7, NOW, NOW + DAY]
    const parts = [
      Uint8Array.of(type),
      device.identity.handle,
      device.identity.device,
      Uint8Array.of(0, 0, 0, id),
      key,
      u64(created),
      u64(expires),
    ]
    const signature = sign('throughline secret prekey v1', parts, device.signingSecret)
    expect(fields(...parts)).toHaveLength(4 * 7 + 1 + 3 + 16 + 4 + key.length + 16)
    return { id, key: toBase64Url(key), created, expires, signature: toBase64Url(signature) }
  }
})

describe('a handshake', () => {
  it('says which one-time prekeys it used up', () => {
    for (const x25519 of [true, false])
      for (const mlkem768 of [true, false]) {
        const { people, first } = meet(10, { x25519, mlkem768 })
        const opened = openFirst(people.bob.device, people.alice.device.identity, first, people.bob.prekeys, NOW)
        expect(opened.used).toEqual({ x25519: x25519 ? 3 : null, mlkem768: mlkem768 ? 4 : null })
        expect(opened.state.peer).toEqual(people.alice.device.identity)
        expect(textsOf(opened.items)).toEqual(['hello'])
      }
  })

  it('gives both sides one name and one transcript, and another each time', () => {
    const [one, two] = [meet(11), meet(12)]
    expect(one.alice.th).toEqual(one.bob.th)
    expect(one.alice.sid).toEqual(one.bob.sid)
    expect([one.alice.initiator, one.bob.initiator]).toEqual([true, false])
    expect(two.alice.th).not.toEqual(one.alice.th)
    expect(two.alice.sid).not.toEqual(one.alice.sid)
  })

  it('needs every prekey that was used: without one, nothing opens', () => {
    const { people, first } = meet(13)
    const { device, prekeys } = people.bob
    const attempt = (source: typeof prekeys) => () => openFirst(device, people.alice.device.identity, first, source, NOW)
    expect(attempt({ ...prekeys, mlkem768: () => null })).toThrow(code('unknown-prekey'))
    expect(attempt({ ...prekeys, x25519: (id, type) => (type === 'signed' ? prekeys.x25519(id, type) : null) })).toThrow(
      code('unknown-prekey'),
    )
    expect(attempt({ ...prekeys, x25519: (id, type) => (type === 'signed' ? null : prekeys.x25519(id, type)) })).toThrow(
      code('unknown-prekey'),
    )
    const other = createKemPrekey(device, 'one-time', 4, NOW, seededRandom(5)).secret
    expect(attempt({ ...prekeys, mlkem768: () => other })).toThrow(code('bad-packet'))
    const wrong = seededRandom(6).bytes(32)
    expect(attempt({ ...prekeys, x25519: (id, type) => (type === 'signed' ? prekeys.x25519(id, type) : wrong) })).toThrow(
      code('bad-packet'),
    )
  })

  it('from somebody who says to be a device of another account is refused: that account did not certify it', () => {
    const random = seededRandom(18)
    const [alice, bob] = [person('alice', random), person('bob', random)]
    const stranger = signingKeyFromSeed(random.bytes(32))
    for (const device of [random.bytes(16), alice.device.identity.device]) {
      const posing = createDevice({ ...alice.device.identity, device }, stranger, NOW, random)
      const { packet } = seal(startSession(posing, bob.bundle, bob.device.identity, NOW, random), [text('it is me')], NOW, random)
      expect(() => openFirst(bob.device, posing.identity, packet, bob.prekeys, NOW)).toThrow(code('bad-packet'))
    }
  })

  it('is for one device: another device of the same account cannot open it', () => {
    const { people, first, random } = meet(14)
    const { device, prekeys } = people.bob
    const elsewhere = { ...device, identity: { ...device.identity, device: random.bytes(16) } }
    expect(() => openFirst(elsewhere, people.alice.device.identity, first, prekeys, NOW)).toThrow(code('bad-packet'))
  })

  it('with a fresh key of low order is refused', () => {
    const { people, first } = meet(15)
    const low = first.slice()
    low.set(hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'), 2 + 137)
    expect(() => openFirst(people.bob.device, people.alice.device.identity, low, people.bob.prekeys, NOW)).toThrow(code('bad-packet'))
  })

  it('from both sides at once gives two sessions that both work', () => {
    const random = seededRandom(16)
    const [alice, bob] = [person('alice', random), person('bob', random)]
    const fromAlice = seal(startSession(alice.device, bob.bundle, bob.device.identity, NOW, random), [text('a')], NOW, random)
    const fromBob = seal(startSession(bob.device, alice.bundle, alice.device.identity, NOW, random), [text('b')], NOW, random)
    const atBob = openFirst(bob.device, alice.device.identity, fromAlice.packet, bob.prekeys, NOW)
    const atAlice = openFirst(alice.device, bob.device.identity, fromBob.packet, alice.prekeys, NOW)
    expect(Buffer.compare(atBob.state.th, atAlice.state.th)).not.toBe(0)
    for (const [from, to] of [
      [fromAlice.state, atBob.state],
      [atAlice.state, fromBob.state],
    ] as const) {
      const answer = seal(to === atBob.state ? to : from, [text('answer')], NOW, random)
      expect(textsOf(read(to === atBob.state ? from : to, answer.packet).items)).toEqual(['answer'])
    }
  })

  it('between two devices of one account works', () => {
    const random = seededRandom(17)
    const account = signingKeyFromSeed(random.bytes(32))
    const make = () => createDevice({ handle: 'alice', account: account.publicKey, device: random.bytes(16) }, account, NOW, random)
    const [laptop, desktop] = [make(), make()]
    const signed = createX25519Prekey(desktop, 'signed', 1, NOW, random)
    const lastResort = createKemPrekey(desktop, 'last-resort', 2, NOW, random)
    const bundle = {
      device: toBase64Url(desktop.identity.device),
      certificate: desktop.certificate,
      signed: signed.public,
      lastResort: lastResort.public,
      x25519: null,
      mlkem768: null,
    }
    const sent = seal(startSession(laptop, bundle, desktop.identity, NOW, random), [text('note to self')], NOW, random)
    const prekeys = { x25519: () => signed.secret, mlkem768: () => lastResort.secret }
    expect(textsOf(openFirst(desktop, laptop.identity, sent.packet, prekeys, NOW).items)).toEqual(['note to self'])
  })
})
