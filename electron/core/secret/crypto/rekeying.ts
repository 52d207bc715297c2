/**
 * Post-quantum re-keying (docs/PROTOCOL-SECRET.md): the initiator offers fresh ML-KEM-768 keys, the other side answers, and what
 * they then share is mixed into the root with the initiator's next pair. Rekeyings are values.
 */
import { fields } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { decapsulate, encapsulate, equal, hash, isKemKey, KEM_SEED_BYTES, kemPair, u32 } from './primitives.ts'
import type { Mix } from './suite.ts'

export const REKEY_MESSAGES = 50
export const REKEY_MS = 24 * 3600 * 1000

type Fresh = NonNullable<Mix['fresh']>

export interface Rekeying {
  /** The last one mixed into the root; the one under way is the next. */
  readonly epoch: number
  /** Bodies of both directions since the last offer was made, and when that was; `null`: never. */
  readonly bodies: number
  readonly offeredAt: number | null
  readonly step: Step
}

type Step =
  | { readonly kind: 'idle' }
  /** Initiator: our offer, to be answered. */
  | { readonly kind: 'offered'; readonly seed: Uint8Array }
  /** Initiator: answered, to be mixed with the next pair. */
  | { readonly kind: 'agreed'; readonly fresh: Fresh }
  /** The other side: an offer, to be answered with the next body. */
  | { readonly kind: 'asked'; readonly key: Uint8Array }
  /** The other side: mixed when the initiator has. `owed`: the offer came again, so the answer goes again. */
  | {
      readonly kind: 'answered'
      readonly keyHash: Uint8Array
      readonly ciphertext: Uint8Array
      readonly fresh: Fresh
      readonly owed: boolean
    }

/** What rides in a body. */
export type KemStep = { readonly epoch: number; readonly key: Uint8Array } | { readonly epoch: number; readonly ct: Uint8Array }

export const freshRekeying: Rekeying = { epoch: 0, bodies: 0, offeredAt: null, step: { kind: 'idle' } }

export const owesTurn = ({ step }: Rekeying): boolean =>
  step.kind === 'agreed' || step.kind === 'asked' || (step.kind === 'answered' && step.owed)

/** What our new chain mixes in. Only the initiator's can begin an epoch. */
export function mixForOurs(rekeying: Rekeying): { mix: Mix; rekeying: Rekeying } {
  return rekeying.step.kind === 'agreed' ? mixed(rekeying, rekeying.step.fresh) : { mix: { epoch: rekeying.epoch, fresh: null }, rekeying }
}

/** What the other side's new chain mixes in, as its headers say; `null`: it cannot be in that epoch. */
export function mixForTheirs(rekeying: Rekeying, epoch: number): { mix: Mix; rekeying: Rekeying } | null {
  if (epoch === rekeying.epoch) return { mix: { epoch, fresh: null }, rekeying }
  return epoch === rekeying.epoch + 1 && rekeying.step.kind === 'answered' ? mixed(rekeying, rekeying.step.fresh) : null
}

function mixed(rekeying: Rekeying, fresh: Fresh): { mix: Mix; rekeying: Rekeying } {
  const epoch = rekeying.epoch + 1
  return { mix: { epoch, fresh }, rekeying: { ...rekeying, epoch, step: { kind: 'idle' } } }
}

export interface RekeyContext {
  readonly th: Uint8Array
  readonly initiator: boolean
}

/** What goes into the body we are about to send; `first`: it is the first of a chain. */
export function stepToSend(
  rekeying: Rekeying,
  { th, initiator }: RekeyContext,
  first: boolean,
  now: number,
  random: Random,
): { rekeying: Rekeying; kem: KemStep | null } {
  const { step, offeredAt } = rekeying
  const epoch = rekeying.epoch + 1
  const counted = { ...rekeying, bodies: rekeying.bodies + 1 }
  const due = offeredAt === null || rekeying.bodies >= REKEY_MESSAGES || now - offeredAt >= REKEY_MS
  if (initiator && step.kind === 'idle' && due) {
    const seed = random.bytes(KEM_SEED_BYTES)
    const kem = { epoch, key: kemPair(seed).publicKey }
    return { rekeying: { ...counted, bodies: 1, offeredAt: now, step: { kind: 'offered', seed } }, kem }
  }
  // A chain of ours has ended, so the other side had its turn and did not answer: it may never have seen the offer.
  if (step.kind === 'offered' && first) return { rekeying: counted, kem: { epoch, key: kemPair(step.seed).publicKey } }
  if (step.kind === 'asked') {
    const { ciphertext, secret } = encapsulate(step.key, random.bytes(32))
    const fresh = { secret, binding: bind(th, epoch, step.key, ciphertext) }
    const answered = { kind: 'answered', keyHash: hash(32, step.key), ciphertext, fresh, owed: false } as const
    return { rekeying: { ...counted, step: answered }, kem: { epoch, ct: ciphertext } }
  }
  if (step.kind === 'answered' && step.owed)
    return { rekeying: { ...counted, step: { ...step, owed: false } }, kem: { epoch, ct: step.ciphertext } }
  return { rekeying: counted, kem: null }
}

/** Takes in what a body that opened carried. `null`: nothing that an honest other side sends. */
export function stepReceived(rekeying: Rekeying, { th, initiator }: RekeyContext, kem: KemStep | null): Rekeying | null {
  const counted = { ...rekeying, bodies: rekeying.bodies + 1 }
  if (!kem) return counted
  const isAnswer = 'ct' in kem
  if (isAnswer !== initiator) return null
  // Sent again, or late, after it has done its part.
  if (kem.epoch <= rekeying.epoch) return counted
  if (kem.epoch !== rekeying.epoch + 1) return null
  const step = isAnswer ? takeAnswer(rekeying.step, th, kem.epoch, kem.ct) : takeOffer(rekeying.step, kem.key)
  return step && { ...counted, step }
}

function takeAnswer(step: Step, th: Uint8Array, epoch: number, ciphertext: Uint8Array): Step | null {
  if (step.kind === 'agreed') return step
  if (step.kind !== 'offered') return null
  const { publicKey, secretKey } = kemPair(step.seed)
  return {
    kind: 'agreed',
    fresh: { secret: decapsulate(ciphertext, secretKey), binding: bind(th, epoch, publicKey, ciphertext) },
  }
}

function takeOffer(step: Step, key: Uint8Array): Step | null {
  switch (step.kind) {
    case 'idle':
      return isKemKey(key) ? { kind: 'asked', key } : null
    case 'asked':
      return equal(step.key, key) ? step : null
    case 'answered':
      return equal(step.keyHash, hash(32, key)) ? { ...step, owed: true } : null
    default:
      return null
  }
}

/** Binds an epoch to its session and to all that was said of it: a swapped key or ciphertext gives another root. */
const bind = (th: Uint8Array, epoch: number, key: Uint8Array, ciphertext: Uint8Array) =>
  hash(32, fields('SC1 re-key', th, u32(epoch), key, ciphertext))
