/** Our device: its keys, made once, and their certificate by the account. */
import type { Random } from '../../../../shared/util/random.ts'
import type { SigningKey } from '../../../../shared/util/signing.ts'
import type { Device, Party } from './types.ts'

export function createDevice(_who: Party, _account: SigningKey, _now: number, _random: Random): Device {
  throw new Error('not yet')
}

export function encodeDevice(_device: Device): string {
  throw new Error('not yet')
}

/** Throws `damaged`. */
export function decodeDevice(_text: string): Device {
  throw new Error('not yet')
}
