/**
 * The handshake: PQXDH (Signal's specification, revision 3) with ML-KEM-768, every public value bound through the transcript hash
 * `th`, and no mode without the post-quantum part. docs/PROTOCOL-SECRET.md has the formulas.
 */
import type { DeviceBundle } from '../../../../shared/protocol/secret.ts'
import { concat, fields, fromBase64Url, utf8 } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Item } from './body.ts'
import { isCertified } from './device.ts'
import { decodePacket, decodePrelude, encodePrelude, isNewer, type Prelude, SUITE, VERSION } from './packet.ts'
import { isSameDevice, openBundle, PREKEY_TYPE } from './prekeys.ts'
import { decapsulate, EMPTY, encapsulate, hash, hkdf, kemPair, newX25519Pair, split, u32 } from './primitives.ts'
import { initiatorRatchet, responderRatchet } from './ratchet.ts'
import { newSession, open } from './session.ts'
import { type Device, type DeviceIdentity, type Party, SecretError, type SessionState } from './types.ts'
import { agree, type KeyPair, x25519Pair } from './x25519.ts'

/** Secrets of our prekeys, as `createX25519Prekey` and `createKemPrekey` made them; `null`: not or no longer there. */
export interface PrekeySource {
  x25519(id: number, type: 'signed' | 'one-time'): Uint8Array | null
  mlkem768(id: number, type: 'last-resort' | 'one-time'): Uint8Array | null
}

/** The public values of a handshake. */
interface Transcript {
  readonly initiator: DeviceIdentity
  readonly responder: DeviceIdentity
  readonly prelude: Pick<Prelude, 'ephemeral' | 'signedId' | 'oneTimeId' | 'kemType' | 'kemId' | 'ciphertext'>
  readonly signed: Uint8Array
  readonly oneTime: Uint8Array | null
  readonly kem: Uint8Array
}

const agreementPair = ({ identity, agreementSecret }: Device): KeyPair => ({ publicKey: identity.agreement, secretKey: agreementSecret })

const partyFields = ({ handle, account, device, signing, agreement }: DeviceIdentity) => [handle, account, device, signing, agreement]

function transcriptHash({ initiator, responder, prelude, signed, oneTime, kem }: Transcript): Uint8Array {
  const { ephemeral, signedId, oneTimeId, kemType, kemId, ciphertext } = prelude
  return hash(
    64,
    fields(
      'SC1 transcript',
      Uint8Array.of(VERSION),
      Uint8Array.of(SUITE),
      ...partyFields(initiator),
      ...partyFields(responder),
      ephemeral,
      u32(signedId),
      signed,
      oneTime ? u32(oneTimeId) : EMPTY,
      oneTime ?? EMPTY,
      Uint8Array.of(kemType),
      u32(kemId),
      kem,
      ciphertext,
    ),
  )
}

// PQXDH, section 3.3: 32 bytes that no encoded key begins with.
const PREFIX = new Uint8Array(32).fill(0xff)
const SESSION = utf8('SC1 session')

/** `secrets`: the agreements in the protocol's order, then the KEM's. */
function deriveKeys(th: Uint8Array, secrets: readonly Uint8Array[]) {
  const [root, toResponder, toInitiator, sid] = split(hkdf(th, concat(PREFIX, ...secrets), SESSION, 112), 32, 32, 32, 16)
  return { root, toResponder, toInitiator, sid }
}

/** Begins a session with the device of a bundle. Throws `bad-bundle`, `expired` or `own-device`. */
export function startSession(
  device: Device,
  bundle: DeviceBundle,
  owner: Pick<Party, 'handle' | 'account'>,
  now: number,
  random: Random,
): SessionState {
  const { identity: peer, signed, oneTime, kem } = openBundle(bundle, owner, device.identity, now)
  const ephemeral = newX25519Pair(random)
  const { ciphertext, secret } = orThrow('bad-bundle', () => encapsulate(kem.key, random.bytes(32)))
  const prelude: Prelude = {
    suite: SUITE,
    signing: device.identity.signing,
    agreement: device.identity.agreement,
    created: device.certificate.created,
    certificate: fromBase64Url(device.certificate.signature),
    ephemeral: ephemeral.publicKey,
    signedId: signed.id,
    oneTimeId: oneTime?.id ?? 0,
    kemType: kem.type,
    kemId: kem.id,
    ciphertext,
  }
  const th = transcriptHash({
    initiator: device.identity,
    responder: peer,
    prelude,
    signed: signed.key,
    oneTime: oneTime?.key ?? null,
    kem: kem.key,
  })
  const agreements = orThrow('bad-bundle', () => [
    agree(agreementPair(device), signed.key),
    agree(ephemeral, peer.agreement),
    agree(ephemeral, signed.key),
    ...(oneTime ? [agree(ephemeral, oneTime.key)] : []),
  ])
  const { root, toResponder, toInitiator, sid } = deriveKeys(th, [...agreements, secret])
  const ratchet = initiatorRatchet(root, signed.key, toResponder, toInitiator)
  return newSession({ th, sid, peer, ratchet, prelude: encodePrelude(prelude) })
}

export interface FirstOpened {
  readonly state: SessionState
  readonly items: readonly Item[]
  /** As `open` says them: later packets may arrive before the first. */
  readonly n: number
  readonly missing: number
  /** One-time prekeys whose secrets must go now; `null`: none of that kind was used. */
  readonly used: { readonly x25519: number | null; readonly mlkem768: number | null }
  readonly replayId: Uint8Array
}

/**
 * Opens a packet that carries a handshake, `from` whoever the relay says sent it. Throws `newer` (as `open` answers it), `own-device`,
 * `unknown-prekey` (its secret is gone: perhaps a replay), `too-far` (as `open`) or `bad-packet`.
 */
export function openFirst(device: Device, from: Party, packet: Uint8Array, prekeys: PrekeySource, now: number): FirstOpened {
  if (isNewer(packet)) throw new SecretError('newer', 'a later version or suite of the protocol')
  const prelude = readPrelude(packet)
  if (!prelude) throw new SecretError('bad-packet', 'not a first packet')
  if (isSameDevice(from, device.identity)) throw new SecretError('own-device', 'this is our own device')
  const peer = { handle: from.handle, account: from.account, device: from.device, signing: prelude.signing, agreement: prelude.agreement }
  if (!isCertified(peer, prelude.created, prelude.certificate))
    throw new SecretError('bad-packet', 'the account did not certify this device')

  const { signed, oneTime, kem } = takePrekeys(prelude, prekeys)
  const th = transcriptHash({
    initiator: peer,
    responder: device.identity,
    prelude,
    signed: signed.publicKey,
    oneTime: oneTime?.publicKey ?? null,
    kem: kem.publicKey,
  })
  const agreements = orThrow('bad-packet', () => [
    agree(signed, prelude.agreement),
    agree(agreementPair(device), prelude.ephemeral),
    agree(signed, prelude.ephemeral),
    ...(oneTime ? [agree(oneTime, prelude.ephemeral)] : []),
  ])
  const { root, toResponder, toInitiator, sid } = deriveKeys(th, [...agreements, decapsulate(prelude.ciphertext, kem.secretKey)])
  const ratchet = responderRatchet(root, signed, toInitiator, toResponder)
  const opened = open(newSession({ th, sid, peer, ratchet, prelude: null }), packet, now)
  if (opened.result !== 'message') {
    const isFar = opened.result === 'unreadable' && opened.why === 'too-far'
    throw new SecretError(isFar ? 'too-far' : 'bad-packet', 'the first packet does not open')
  }
  return {
    state: opened.state,
    items: opened.items,
    n: opened.n,
    missing: opened.missing,
    used: {
      x25519: oneTime ? prelude.oneTimeId : null,
      mlkem768: prelude.kemType === PREKEY_TYPE.kemOneTime ? prelude.kemId : null,
    },
    replayId: replayId(prelude),
  }
}

function takePrekeys({ signedId, oneTimeId, kemType, kemId }: Prelude, prekeys: PrekeySource) {
  if (kemType !== PREKEY_TYPE.lastResort && kemType !== PREKEY_TYPE.kemOneTime) throw new SecretError('bad-packet', 'no type of KEM prekey')
  const signed = prekeys.x25519(signedId, 'signed')
  const oneTime = oneTimeId === 0 ? null : prekeys.x25519(oneTimeId, 'one-time')
  const kem = prekeys.mlkem768(kemId, kemType === PREKEY_TYPE.kemOneTime ? 'one-time' : 'last-resort')
  if (!signed || !kem || (oneTimeId !== 0 && !oneTime)) throw new SecretError('unknown-prekey', 'a prekey of the packet is gone')
  return { signed: x25519Pair(signed), oneTime: oneTime && x25519Pair(oneTime), kem: kemPair(kem) }
}

/** Whether the packet carries a handshake. */
export const isFirst = (packet: Uint8Array): boolean => decodePacket(packet)?.prelude != null

/** What a replay of this handshake is known by, without opening it; `null` when it carries none, or a malformed one. */
export function firstId(packet: Uint8Array): Uint8Array | null {
  const prelude = readPrelude(packet)
  return prelude && replayId(prelude)
}

function readPrelude(packet: Uint8Array): Prelude | null {
  const bytes = decodePacket(packet)?.prelude
  return bytes ? decodePrelude(bytes) : null
}

const replayId = ({ agreement, ephemeral }: Prelude) => hash(32, fields(agreement, ephemeral))

/** A key of low order, or a KEM key that is none, is the fault of whoever sent it. */
function orThrow<T>(code: 'bad-bundle' | 'bad-packet', work: () => T): T {
  try {
    return work()
  } catch {
    throw new SecretError(code, 'a key is worth nothing')
  }
}
