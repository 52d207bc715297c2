/** A session as bytes for the store, secrets included: one layout, version in front. Equal sessions give equal bytes. */
import { DIGEST_BYTES } from './body.ts'
import { Reader, Writer } from './codec.ts'
import { MAX_LOST_RUNS, MAX_OLD_CHAINS, MAX_STORED, type Ratchet, type ReceivingChain } from './ratchet.ts'
import type { Rekeying } from './rekeying.ts'
import { type DeviceIdentity, SecretError, type SessionState } from './types.ts'
import type { KeyPair } from './x25519.ts'

const LAYOUT = 2
const KEY = 32
/** More than a session without skipped keys needs, prelude and KEM step aside. */
const USUAL_BYTES = 1500

export function encodeSession(state: SessionState): Uint8Array<ArrayBuffer> {
  const out = new Writer(USUAL_BYTES)
  out.u8(LAYOUT)
  out.raw(state.th)
  out.raw(state.sid)
  out.u8(state.initiator ? 1 : 0)
  writeIdentity(out, state.peer)
  out.u8(state.confirmed ? 1 : 0)
  if (present(out, state.prelude)) out.bytes(state.prelude)
  writeRatchet(out, state.ratchet)
  writeRekeying(out, state.rekeying)
  out.raw(state.lastSent)
  out.raw(state.lastOpened)
  out.f64(state.highest)
  out.f64(state.opened)
  return out.finish()
}

/** Throws `damaged`. */
export function decodeSession(bytes: Uint8Array): SessionState {
  try {
    const from = new Reader(bytes)
    if (from.u8() !== LAYOUT) throw new RangeError('another layout')
    const state = {
      th: from.raw(64),
      sid: from.raw(16),
      initiator: readFlag(from),
      peer: readIdentity(from),
      confirmed: readFlag(from),
      prelude: readFlag(from) ? from.bytes() : null,
      ratchet: readRatchet(from),
      rekeying: readRekeying(from),
      lastSent: from.raw(DIGEST_BYTES),
      lastOpened: from.raw(DIGEST_BYTES),
      highest: from.f64(),
      opened: from.f64(),
    }
    if (!from.isDone()) throw new RangeError('the record is too long')
    return state
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw new SecretError('damaged', 'a session cannot be read')
    throw error
  }
}

/** Writes whether there is a value, which the caller then writes. */
function present<T>(out: Writer, value: T | null): value is T {
  out.u8(value === null ? 0 : 1)
  return value !== null
}

function readFlag(from: Reader): boolean {
  const flag = from.u8()
  if (flag > 1) throw new RangeError('no flag')
  return flag === 1
}

function writeIdentity(out: Writer, { handle, account, device, signing, agreement }: DeviceIdentity): void {
  out.text(handle)
  out.raw(account)
  out.raw(device)
  out.raw(signing)
  out.raw(agreement)
}

function readIdentity(from: Reader): DeviceIdentity {
  return { handle: from.text(), account: from.raw(KEY), device: from.raw(16), signing: from.raw(KEY), agreement: from.raw(KEY) }
}

const readPair = (from: Reader): KeyPair => ({ publicKey: from.raw(KEY), secretKey: from.raw(KEY) })

function writePair(out: Writer, { publicKey, secretKey }: KeyPair): void {
  out.raw(publicKey)
  out.raw(secretKey)
}

function writeRatchet(out: Writer, ratchet: Ratchet): void {
  out.raw(ratchet.root)
  if (present(out, ratchet.sending)) {
    out.raw(ratchet.sending.headerKey)
    out.raw(ratchet.sending.key)
    out.u32(ratchet.sending.n)
  }
  if (present(out, ratchet.pair)) writePair(out, ratchet.pair)
  if (present(out, ratchet.remote)) out.raw(ratchet.remote)
  out.u32(ratchet.previous)
  out.raw(ratchet.nextSendingKey)
  out.raw(ratchet.nextReceivingKey)
  out.u8(ratchet.chains.length)
  for (const chain of ratchet.chains) writeChain(out, chain)
}

function readRatchet(from: Reader): Ratchet {
  const root = from.raw(KEY)
  const sending = readFlag(from) ? { headerKey: from.raw(KEY), key: from.raw(KEY), n: from.u32() } : null
  const pair = readFlag(from) ? readPair(from) : null
  const remote = readFlag(from) ? from.raw(KEY) : null
  const previous = from.u32()
  const nextSendingKey = from.raw(KEY)
  const nextReceivingKey = from.raw(KEY)
  const count = from.u8()
  if (count > MAX_OLD_CHAINS + 1) throw new RangeError('too many chains')
  const chains = Array.from({ length: count }, () => readChain(from))
  return { root, sending, pair, remote, previous, nextSendingKey, nextReceivingKey, chains }
}

function writeChain(out: Writer, { dh, headerKey, base, next, key, skipped, lost }: ReceivingChain): void {
  out.raw(dh)
  out.raw(headerKey)
  out.f64(base)
  out.u32(next)
  if (present(out, key)) out.raw(key)
  out.u32(skipped.size)
  for (const [n, { key, at }] of skipped) {
    out.u32(n)
    out.raw(key)
    out.f64(at)
  }
  out.u8(lost.length)
  for (const [first, end] of lost) {
    out.u32(first)
    out.u32(end)
  }
}

function readChain(from: Reader): ReceivingChain {
  const [dh, headerKey, base, next] = [from.raw(KEY), from.raw(KEY), from.f64(), from.u32()]
  const key = readFlag(from) ? from.raw(KEY) : null
  const count = from.u32()
  if (count > MAX_STORED) throw new RangeError('too many skipped keys')
  const skipped = new Map(Array.from({ length: count }, () => [from.u32(), { key: from.raw(KEY), at: from.f64() }]))
  const runs = from.u8()
  if (runs > MAX_LOST_RUNS) throw new RangeError('too many runs')
  const lost = Array.from({ length: runs }, () => [from.u32(), from.u32()] as const)
  return { dh, headerKey, base, next, key, skipped, lost }
}

const steps = ['idle', 'offered', 'agreed', 'asked', 'answered'] as const

function writeRekeying(out: Writer, { epoch, bodies, offeredAt, step }: Rekeying): void {
  out.u32(epoch)
  out.u32(bodies)
  if (present(out, offeredAt)) out.f64(offeredAt)
  out.u8(steps.indexOf(step.kind))
  switch (step.kind) {
    case 'idle':
      break
    case 'offered':
      out.bytes(step.seed)
      break
    case 'asked':
      out.bytes(step.key)
      break
    case 'agreed':
      out.raw(step.fresh.secret)
      out.raw(step.fresh.binding)
      break
    case 'answered':
      out.raw(step.fresh.secret)
      out.raw(step.fresh.binding)
      out.raw(step.keyHash)
      out.bytes(step.ciphertext)
      out.u8(step.owed ? 1 : 0)
  }
}

function readRekeying(from: Reader): Rekeying {
  const epoch = from.u32()
  const bodies = from.u32()
  const offeredAt = readFlag(from) ? from.f64() : null
  return { epoch, bodies, offeredAt, step: readStep(from) }
}

function readStep(from: Reader): Rekeying['step'] {
  const kind = steps[from.u8()]
  switch (kind) {
    case 'idle':
      return { kind }
    case 'offered':
      return { kind, seed: from.bytes() }
    case 'asked':
      return { kind, key: from.bytes() }
    case 'agreed':
      return { kind, fresh: { secret: from.raw(KEY), binding: from.raw(KEY) } }
    case 'answered': {
      const fresh = { secret: from.raw(KEY), binding: from.raw(KEY) }
      return { kind, fresh, keyHash: from.raw(KEY), ciphertext: from.bytes(), owed: readFlag(from) }
    }
    default:
      throw new RangeError('no such step')
  }
}
