/** The safety number. */
import type { DeviceIdentity } from './types.ts'

/** 12 groups of 5 digits, the same whichever side asks. */
export function safetyDigits(_a: DeviceIdentity, _b: DeviceIdentity): string[] {
  throw new Error('not yet')
}
