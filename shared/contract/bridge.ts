/** The optional host group `bridge`: "Help others connect". A bridge of this computer for those who have its link; counts only, nobody's address. */
import * as v from 'valibot'

const whole = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))

export const BridgeLimits = v.strictObject({
  /** Connections at a time. */
  streams: whole(1, 500),
  kilobytesPerSecond: whole(10, 100_000),
  gigabytesPerMonth: whole(1, 10_000),
})
export type BridgeLimits = v.InferOutput<typeof BridgeLimits>

/** A bridge that is for friends, on a line at home. */
export const usualLimits: BridgeLimits = { streams: 20, kilobytesPerSecond: 1000, gigabytesPerMonth: 50 }

export const BridgeCounts = v.strictObject({
  /** Connections now, and since it was switched on. */
  now: v.number(),
  served: v.number(),
  /** Came with the link while it was full, or the month's bytes were spent. */
  turnedAway: v.number(),
  /** Carried since it was switched on, and in this month; both directions. */
  bytes: v.number(),
  bytesThisMonth: v.number(),
})
export type BridgeCounts = v.InferOutput<typeof BridgeCounts>

export const bridgeFaults = ['port-taken', 'no-address', 'damaged', 'ended'] as const

export const BridgeState = v.strictObject({
  state: v.picklist(['off', 'starting', 'on']),
  /** Why it is off though it was switched on. */
  fault: v.nullable(v.picklist(bridgeFaults)),
  /** For those whom the person trusts; the same as last time, as long as address and port are. */
  link: v.nullable(v.string()),
  /**
   * Who can get there. `rehearsal`: everybody in the simulated internet. `internet`: the address is one of the public internet; whether
   * anything on the way keeps people out cannot be seen from here. `local`: only computers in the same local network.
   */
  reach: v.nullable(v.picklist(['rehearsal', 'internet', 'local'])),
  limits: BridgeLimits,
  counts: BridgeCounts,
})
export type BridgeState = v.InferOutput<typeof BridgeState>

export const BridgeWish = v.strictObject({
  limits: BridgeLimits,
  /** Where others find it: an address literal; `null`: this computer's own. Ignored in a rehearsal. */
  address: v.nullable(v.pipe(v.string(), v.maxLength(45), v.regex(/^[0-9a-fA-F.:]+$/, 'an address literal'))),
  port: whole(1, 65_535),
})
export type BridgeWish = v.InferOutput<typeof BridgeWish>
