/** The safety number: 60 digits over both devices' keys, for people to compare. */
import { concat, fields } from '../../../../shared/util/bytes.ts'
import { hash } from './primitives.ts'
import type { DeviceIdentity } from './types.ts'

/** As many as Signal's: it makes searching for a device with a similar number dear. */
const ROUNDS = 5200

/** 12 groups of 5 digits, the same whichever side asks. */
export function safetyDigits(a: DeviceIdentity, b: DeviceIdentity): string[] {
  return [halfOf(a), halfOf(b)].sort().flatMap((half) => half.match(/\d{5}/g) ?? [])
}

function halfOf({ handle, account, device, signing, agreement }: DeviceIdentity): string {
  let digest = hash(64, fields('SC1 number', handle, account, device, signing, agreement))
  for (let round = 0; round < ROUNDS; round++) digest = hash(64, concat(digest, signing))
  return Array.from({ length: 6 }, (_, group) => digits(digest.subarray(group * 5, group * 5 + 5))).join('')
}

function digits(five: Uint8Array): string {
  const number = five.reduce((sum, byte) => sum * 256 + byte, 0)
  return String(number % 100_000).padStart(5, '0')
}
