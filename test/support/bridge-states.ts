/** The bridge of a computer, off and on, as the screens are told. */
import { type BridgeState, usualLimits } from '../../shared/contract/bridge.ts'

export const bridgeOff: BridgeState = {
  state: 'off',
  fault: null,
  link: null,
  reach: null,
  limits: usualLimits,
  counts: { now: 0, served: 0, turnedAway: 0, bytes: 0, bytesThisMonth: 0 },
}

export const bridgeOn: BridgeState = {
  ...bridgeOff,
  state: 'on',
  link: `wss://240.31.0.100:8443/${'s'.repeat(32)}?pin=${'p'.repeat(43)}`,
  reach: 'rehearsal',
  counts: { now: 2, served: 7, turnedAway: 1, bytes: 4_200_000, bytesThisMonth: 1_300_000_000 },
}
