/** The safety number: 60 digits over both devices' keys, for people to compare. */
import { concat, fields } from '../../../../shared/util/bytes.ts'
import { hash } from './primitives.ts'
import type { DeviceIdentity } from './types.ts'

/** As many as Signal's: it makes searching for a device with a similar number dear. */
const ROUNDS = 5200
const GROUPS_OF_ONE = 6

/** 12 groups of 5 digits, the same whichever side asks. */
export function safetyDigits(a: DeviceIdentity, b: DeviceIdentity): string[] {
  return joinHalves(halfOf(a), halfOf(b)).match(/\d{5}/g) ?? []
}

const halfOf = ({ handle, account, device, signing, agreement }: DeviceIdentity) =>
  numberHalf(fields('SC1 number', handle, account, device, signing, agreement), signing, (bytes) => hash(64, bytes))

/** The lower half first, so that both sides read the same. */
export const joinHalves = (a: string, b: string): string => (a < b ? a + b : b + a)

/** One side's 30 digits: `start` hashed with `key` behind it, again and again. */
export function numberHalf(start: Uint8Array, key: Uint8Array, digest: (bytes: Uint8Array) => Uint8Array): string {
  let value = start
  for (let round = 0; round < ROUNDS; round++) value = digest(concat(value, key))
  return Array.from({ length: GROUPS_OF_ONE }, (_, group) => digits(value.subarray(group * 5, group * 5 + 5))).join('')
}

function digits(five: Uint8Array): string {
  const number = five.reduce((sum, byte) => sum * 256 + byte, 0)
  return String(number % 100_000).padStart(5, '0')
}
