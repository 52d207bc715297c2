/** Two people, their devices and prekeys, for the tests of secret chats' cryptography. */

import type { Item } from '../../../../electron/core/secret/crypto/body.ts'
import { createDevice } from '../../../../electron/core/secret/crypto/device.ts'
import { openFirst, type PrekeySource, startSession } from '../../../../electron/core/secret/crypto/handshake.ts'
import { encodePacket, frontOf } from '../../../../electron/core/secret/crypto/packet.ts'
import { pad } from '../../../../electron/core/secret/crypto/padding.ts'
import { createKemPrekey, createX25519Prekey } from '../../../../electron/core/secret/crypto/prekeys.ts'
import { aeadOpen, aeadSeal, hmac } from '../../../../electron/core/secret/crypto/primitives.ts'
import { beginSending, nextToSend } from '../../../../electron/core/secret/crypto/ratchet.ts'
import { type Opened, open, seal } from '../../../../electron/core/secret/crypto/session.ts'
import { type Header, type Mix, sc1, sealBody, sealHeader } from '../../../../electron/core/secret/crypto/suite.ts'
import type { Device, SessionState } from '../../../../electron/core/secret/crypto/types.ts'
import type { DeviceBundle } from '../../../../shared/protocol/secret.ts'
import { concat, fields, toBase64Url, utf8 } from '../../../../shared/util/bytes.ts'
import { type Random, seededRandom } from '../../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../../shared/util/signing.ts'

export const NOW = Date.UTC(2026, 10, 22)

export interface Person {
  readonly device: Device
  readonly bundle: DeviceBundle
  readonly prekeys: PrekeySource
}

export interface BundleChoice {
  /** Whether one-time prekeys of each kind are left; both by default. */
  readonly x25519?: boolean
  readonly mlkem768?: boolean
}

export function person(handle: string, random: Random, { x25519 = true, mlkem768 = true }: BundleChoice = {}, now = NOW): Person {
  const account = signingKeyFromSeed(random.bytes(32))
  const device = createDevice({ handle, account: account.publicKey, device: random.bytes(16) }, account, now, random)
  const signed = createX25519Prekey(device, 'signed', 1, now, random)
  const lastResort = createKemPrekey(device, 'last-resort', 2, now, random)
  const oneTime = createX25519Prekey(device, 'one-time', 3, now, random)
  const kem = createKemPrekey(device, 'one-time', 4, now, random)
  return {
    device,
    bundle: {
      device: toBase64Url(device.identity.device),
      certificate: device.certificate,
      signed: signed.public,
      lastResort: lastResort.public,
      x25519: x25519 ? oneTime.public : null,
      mlkem768: mlkem768 ? kem.public : null,
    },
    prekeys: {
      x25519: (id, type) => (type === 'signed' && id === 1 ? signed.secret : type === 'one-time' && id === 3 ? oneTime.secret : null),
      mlkem768: (id, type) =>
        type === 'last-resort' && id === 2 ? lastResort.secret : type === 'one-time' && id === 4 ? kem.secret : null,
    },
  }
}

let ids = 0
/** A text item with an id of its own. */
export const text = (words: string): Item => ({
  kind: 'text',
  id: `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
  text: words,
  ttl: null,
  cap: 0,
})

export const textsOf = (items: readonly Item[]) => items.flatMap((item) => (item.kind === 'text' ? [item.text] : []))

export interface Pair {
  readonly alice: SessionState
  readonly bob: SessionState
  readonly random: Random
}

/** Alice has written "hello" and Bob has opened it. */
export function meet(
  seed: number,
  choice: BundleChoice = {},
): Pair & { readonly first: Uint8Array; readonly people: { alice: Person; bob: Person } } {
  const random = seededRandom(seed)
  const [alice, bob] = [person('alice', random), person('bob', random, choice)]
  const started = startSession(alice.device, bob.bundle, bob.device.identity, NOW, random)
  const sent = seal(started, [text('hello')], NOW, random)
  const opened = openFirst(bob.device, alice.device.identity, sent.packet, bob.prekeys, NOW)
  return { alice: sent.state, bob: opened.state, random, first: sent.packet, people: { alice, bob } }
}

/** Opens a packet that must open. */
export function read(state: SessionState, packet: Uint8Array, now = NOW): Extract<Opened, { result: 'message' }> {
  const opened = open(state, packet, now)
  if (opened.result !== 'message') throw new Error(`did not open: ${JSON.stringify(opened)}`)
  return opened
}

export interface Forgery {
  readonly header?: Partial<Header>
  readonly headerKey?: Uint8Array
  /** What stands inside instead of a body: any JSON, or bytes as they are. */
  readonly inside?: unknown
  readonly mix?: Mix
  /** Alters the header's bytes before they are sealed. */
  readonly alterHeader?: (plain: Uint8Array) => void
  /** Goes in the place of the commitment, under the body's seal as the true one would. */
  readonly commitment?: Uint8Array
}

/** What the holder of `state` could send if it did not keep to the protocol: sealed with its own keys. */
export function forge(state: SessionState, random: Random, forgery: Forgery): { state: SessionState; packet: Uint8Array } {
  const { th } = state
  const ready = state.ratchet.sending
    ? state.ratchet
    : beginSending(sc1, state.ratchet, forgery.mix ?? { epoch: state.rekeying.epoch, fresh: null }, random)
  const next = nextToSend(sc1, ready)
  const headerKey = forgery.headerKey ?? next.headerKey
  const honest = sealHeader(headerKey, { ...next.header, epoch: state.rekeying.epoch, ...forgery.header }, th, random)
  const header = forgery.alterHeader ? altered(honest, headerKey, th, forgery.alterHeader) : honest
  const front = frontOf(state.prelude)
  const { inside } = forgery
  const plain = inside instanceof Uint8Array ? inside : pad(concat(state.lastSent, utf8(JSON.stringify(inside ?? { items: [] }))))
  const direction = state.initiator ? 0 : 1
  const body = forgery.commitment
    ? sealWith(
        forgery.commitment,
        next.messageKey,
        plain,
        fields('SC1 body', th, Uint8Array.of(direction), front, header, forgery.commitment),
        header,
      )
    : sealBody(next.messageKey, plain, { th, direction, front, header })
  return { state: { ...state, ratchet: next.ratchet }, packet: encodePacket({ front, header, body }) }
}

function altered(header: Uint8Array, key: Uint8Array, th: Uint8Array, alter: (plain: Uint8Array) => void): Uint8Array {
  const [nonce, data] = [header.subarray(0, 24), fields('SC1 header', th)]
  const plain = aeadOpen(key, nonce, header.subarray(24), data)
  if (!plain) throw new Error('not our own header')
  alter(plain)
  return concat(nonce, aeadSeal(key, nonce, plain, data))
}

const sealWith = (commitment: Uint8Array, messageKey: Uint8Array, plain: Uint8Array, data: Uint8Array, header: Uint8Array) =>
  concat(commitment, aeadSeal(hmac(messageKey, utf8('SC1 message')).subarray(0, 32), header.subarray(0, 24), plain, data))
