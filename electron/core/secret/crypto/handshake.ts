/** The handshake: PQXDH with the whole transcript bound. */
import type { DeviceBundle } from '../../../../shared/protocol/secret.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Item } from './body.ts'
import type { Device, Party, SessionState } from './types.ts'

/** Secrets of our prekeys, as `createX25519Prekey` and `createKemPrekey` made them; `null`: not or no longer there. */
export interface PrekeySource {
  x25519(id: number, type: 'signed' | 'one-time'): Uint8Array | null
  mlkem768(id: number, type: 'last-resort' | 'one-time'): Uint8Array | null
}

/** Throws `bad-bundle`, `expired` or `own-device`. */
export function startSession(
  _device: Device,
  _bundle: DeviceBundle,
  _owner: Pick<Party, 'handle' | 'account'>,
  _now: number,
  _random: Random,
): SessionState {
  throw new Error('not yet')
}

export interface FirstOpened {
  readonly state: SessionState
  readonly items: readonly Item[]
  /** One-time prekeys whose secrets must go now; `null`: none of that kind was used. */
  readonly used: { readonly x25519: number | null; readonly mlkem768: number | null }
  readonly replayId: Uint8Array
}

/** Throws `bad-packet`, `own-device`, `unknown-version` or `unknown-prekey`. */
export function openFirst(_device: Device, _from: Party, _packet: Uint8Array, _prekeys: PrekeySource, _now: number): FirstOpened {
  throw new Error('not yet')
}

/** Whether the packet carries a handshake. */
export function isFirst(_packet: Uint8Array): boolean {
  throw new Error('not yet')
}

/** What a replay of this handshake is known by, without opening it; `null` when malformed. */
export function firstId(_packet: Uint8Array): Uint8Array | null {
  throw new Error('not yet')
}
