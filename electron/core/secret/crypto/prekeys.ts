/** Prekeys: made and signed here, checked when they come in somebody's bundle. */
import type { DeviceBundle, KemPrekey, X25519Prekey } from '../../../../shared/protocol/secret.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Device, DeviceIdentity, Party } from './types.ts'

export function createX25519Prekey(
  _device: Device,
  _type: 'signed' | 'one-time',
  _id: number,
  _now: number,
  _random: Random,
): { public: X25519Prekey; secret: Uint8Array } {
  throw new Error('not yet')
}

export function createKemPrekey(
  _device: Device,
  _type: 'last-resort' | 'one-time',
  _id: number,
  _now: number,
  _random: Random,
): { public: KemPrekey; secret: Uint8Array } {
  throw new Error('not yet')
}

/** Throws `bad-bundle`, `expired` or `own-device`. */
export function checkBundle(_bundle: DeviceBundle, _owner: Pick<Party, 'handle' | 'account'>, _own: Party, _now: number): DeviceIdentity {
  throw new Error('not yet')
}
