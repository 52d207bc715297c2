/** What the screens know about the bundle, the signed list of ways to the relay: how old, where from, what every channel last said, and what came of importing one. */
import * as v from 'valibot'

/** Beyond any bundle with its link; longer texts are `bad-input`. */
export const MAX_IMPORT_CHARS = 262_144

/** Why a bundle was not taken. Nothing changed then. The first two: the text as such; the others: what was in it. */
export const bundleRefusals = [
  /** There is no bundle in the text at all. */
  'no-bundle',
  /** A link that lacks its end. */
  'cut-short',
  'too-large',
  'malformed',
  /** The content alone, by nobody. */
  'unsigned',
  'not-canonical',
  'bad-signature',
  /** Signed by nobody whom the bundle held so far names: of another relay, or by a key that was thrown out. */
  'foreign',
  /** The one held is newer. */
  'old',
  'expired',
  'not-yet-valid',
] as const
export const BundleRefusal = v.picklist(bundleRefusals)
export type BundleRefusal = v.InferOutput<typeof BundleRefusal>

export const ImportOutcome = v.variant('outcome', [
  v.strictObject({
    outcome: v.literal('taken'),
    /** The version held now, where it is another than before. */
    version: v.nullable(v.number()),
    /** Ways (endpoints, proxies, mirrors) that signed shards added beside the bundle's. */
    addedWays: v.number(),
    /** Recipe that whoever gave the link uses on a network of theirs; it is tried first from now on. */
    works: v.nullable(v.string()),
  }),
  /** All that is in it was here already. */
  v.strictObject({ outcome: v.literal('known') }),
  v.strictObject({ outcome: v.literal('refused'), reason: BundleRefusal }),
])
export type ImportOutcome = v.InferOutput<typeof ImportOutcome>

export const bundleChannels = ['file', 'in-band', 'mirror', 'txt', 'hand'] as const

/** What a channel said when it was asked last, or when something last came by it. */
export const channelSayings = [
  'newer',
  'same',
  /** No connection, or none that proved itself. */
  'unreached',
  /** It answered, without a bundle. */
  'nothing-there',
  ...bundleRefusals,
] as const

export const BundleChannel = v.strictObject({
  channel: v.picklist(bundleChannels),
  /** Of the mirror, or of the resolver that was asked for the records; empty for the others. */
  id: v.string(),
  provider: v.string(),
  /** `null`: not asked since the app was started. */
  last: v.nullable(v.strictObject({ said: v.picklist(channelSayings), at: v.number() })),
})
export type BundleChannel = v.InferOutput<typeof BundleChannel>

export const BundleState = v.strictObject({
  version: v.number(),
  /** Epoch ms: when it was taken here, and by which channel; `null`: before the app kept note of it. */
  takenAt: v.nullable(v.number()),
  takenFrom: v.nullable(v.picklist(bundleChannels)),
  /** When something signed last said that there is nothing newer, epoch ms. */
  confirmedAt: v.nullable(v.number()),
  expires: v.number(),
  /** Past `expires` by the best time known: still in use, for old ways are better than none. */
  isExpired: v.boolean(),
  /** Signed pieces held beside it. */
  shards: v.array(v.strictObject({ id: v.string(), ways: v.number(), expires: v.number() })),
  /** A round through mirrors and records runs now. */
  isLooking: v.boolean(),
  channels: v.array(BundleChannel),
})
export type BundleState = v.InferOutput<typeof BundleState>
