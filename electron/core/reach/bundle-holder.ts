/** The bundle in force with its shards: from the file at first, then whatever newer one its signers sent. Anything else is refused and changes nothing. */
import * as v from 'valibot'
import { type BundleChannel, type BundleRefusal, bundleChannels } from '../../../shared/contract/bundle.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import { type Bundle, openBundle, SignedBundle } from '../../../shared/protocol/bundle.ts'
import { openShard, type Shard, waysIn, withShards } from '../../../shared/protocol/bundle-shard.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { ValueStore } from '../store/values.ts'
import { MAX_SHARDS, type Parcel } from './bundle-parcel.ts'

const KEY = 'reach.bundle.v1'
const SHARDS_KEY = 'reach.shards.v1'
const NOTE_KEY = 'reach.bundle-note.v1'

const Note = v.strictObject({
  takenAt: v.number(),
  takenFrom: v.picklist(bundleChannels),
  /** When something signed last said that there is nothing newer. */
  confirmedAt: v.number(),
  /** Every key that ever counted here: a file signed by one that was thrown out since is an old one, no stranger's. */
  signers: v.array(v.string()),
})
type Note = v.InferOutput<typeof Note>
type Channel = BundleChannel['channel']

export type Taken =
  /** `version`: of the bundle that was taken; `null`: the one before is still held. */
  | { readonly ok: true; readonly version: number | null; readonly addedWays: number }
  | { readonly ok: false; readonly reason: BundleRefusal }

export interface BundleHolder {
  /** With what the shards add. */
  current(): Bundle
  /** As it was signed, and the shards that still hold. */
  signed(): { readonly bundle: SignedBundle; readonly shards: readonly SignedBundle[] }
  shards(): readonly Shard[]
  /** As `current`, had there never been this shard. */
  without(shard: SignedBundle): Bundle
  note(): Note | null
  isExpired(): boolean
  onChange(listener: (bundle: Bundle) => void): () => void
  /** A bundle from any channel. */
  offer(raw: unknown, from: Channel): 'newer' | 'same' | BundleRefusal
  /** All of it or nothing; only that its bundle is older than the one held is no reason against the rest. */
  take(parcel: Parcel, from: Channel): Taken
  /** A proven relay has nothing newer. */
  confirmed(): void
  /** A proven relay told the time: from now on bundles are judged by its clock. */
  provenTime(at: number): void
}

interface HeldBundle {
  readonly signed: SignedBundle
  readonly bundle: Bundle
}

interface HeldShard {
  readonly signed: SignedBundle
  readonly shard: Shard
}

/**
 * Starts from the stored bundle, if there is one, and offers it `raw`; else from `raw`. Throws `bad-bundle` with the reason
 * when there is nothing to start from, or when `raw` was signed by somebody else than the bundle held so far.
 */
export function createBundleHolder(raw: unknown, values: ValueStore, clock: Clock): BundleHolder {
  const changes = createEvents<Bundle>()
  let proven: { readonly at: number; readonly monotonic: number } | null = null
  const stored = readStored(values.get(KEY))
  let held = stored ?? openFirst(raw, clock.now())
  let shards: readonly HeldShard[] = []
  let note = stored ? readNote(values.get(NOTE_KEY)) : null
  let merged: Bundle | null = null
  /** The relay's clock once it told it. Until then ours, but no earlier than a signature that we hold says it is. */
  const now = () => (proven ? proven.at + clock.monotonic() - proven.monotonic : Math.max(clock.now(), held.bundle.notBefore))

  const signersWith = (more: readonly string[]) => [...new Set([...(note?.signers ?? held.bundle.signers), ...more])]
  const keepNote = (next: Note) => {
    note = next
    values.set(NOTE_KEY, JSON.stringify(next))
  }
  const keepBundle = (next: HeldBundle, from: Channel) => {
    held = next
    merged = null
    values.set(KEY, JSON.stringify(next.signed))
    const at = clock.now()
    keepNote({ takenAt: at, takenFrom: from, confirmedAt: at, signers: signersWith(next.bundle.signers) })
  }
  const keepShards = (next: readonly HeldShard[]) => {
    shards = next
    merged = null
    values.set(SHARDS_KEY, next.length === 0 ? null : JSON.stringify(next.map(({ signed }) => signed)))
  }
  const confirmed = () => {
    const at = clock.now()
    keepNote({ ...(note ?? { takenAt: at, takenFrom: 'file', signers: signersWith([]) }), confirmedAt: at })
  }
  const current = () => {
    merged ??= withShards(
      held.bundle,
      shards.map(({ shard }) => shard),
    )
    return merged
  }
  const waysOfShards = () => waysIn(current()) - waysIn(held.bundle)

  const take = (parcel: Parcel, from: Channel): Taken => {
    const trust = { signers: held.bundle.signers, version: held.bundle.version, now: now() }
    let next: HeldBundle | null = null
    let refusal: BundleRefusal | null = null
    if (parcel.bundle) {
      const opened = openBundle(parcel.bundle, trust)
      if (!opened.ok) refusal = opened.reason
      else if (opened.bundle.version > trust.version) next = { signed: parcel.bundle, bundle: opened.bundle }
    }
    if (refusal && (refusal !== 'old' || !parcel.shards?.length)) return { ok: false, reason: refusal }
    const { signers } = next?.bundle ?? held.bundle
    const fresh: HeldShard[] = []
    for (const signed of parcel.shards ?? []) {
      const opened = openShard(signed, { signers, now: trust.now })
      if (!opened.ok) return opened
      const known = shards.find(({ shard }) => shard.shard === opened.shard.shard)
      if (!known || known.shard.version < opened.shard.version) fresh.push({ signed, shard: opened.shard })
    }
    if (!next && fresh.length === 0) return { ok: true, version: null, addedWays: 0 }
    const before = waysOfShards()
    if (next) keepBundle(next, from)
    const replaced = new Set(fresh.map(({ shard }) => shard.shard))
    const others = shards.filter(({ shard }) => !replaced.has(shard.shard)).map(({ signed }) => signed)
    keepShards([...fresh, ...holding(others, signers)].slice(0, MAX_SHARDS))
    changes.emit(current())
    return { ok: true, version: next ? next.bundle.version : null, addedWays: Math.max(0, waysOfShards() - before) }
  }
  const offer: BundleHolder['offer'] = (offered, from) => {
    const signed = v.safeParse(SignedBundle, offered)
    const taken = signed.success ? take({ bundle: signed.output }, from) : refusalOf(offered)
    if (!taken.ok) return taken.reason
    if (taken.version !== null) return 'newer'
    if (from !== 'file') confirmed()
    return 'same'
  }

  if (stored) {
    shards = holding(readShards(values.get(SHARDS_KEY)), held.bundle.signers)
    const said = offer(raw, 'file')
    // An older file beside a newer stored bundle is the usual case; one of somebody else's is not.
    const isStrange = said === 'foreign' && !(v.is(SignedBundle, raw) && signersWith([]).includes(raw.key))
    if (isStrange || said === 'bad-signature' || said === 'not-canonical' || said === 'malformed')
      throw new BackendError('bad-bundle', said)
  } else keepBundle(held, 'file')

  return {
    current,
    signed: () => ({ bundle: held.signed, shards: shards.map(({ signed }) => signed) }),
    shards: () => shards.map(({ shard }) => shard),
    without: (left) =>
      withShards(
        held.bundle,
        shards.filter(({ signed }) => signed !== left).map(({ shard }) => shard),
      ),
    note: () => note,
    isExpired: () => now() > held.bundle.expires,
    onChange: changes.on,
    offer,
    take,
    confirmed,
    provenTime(at) {
      proven = { at, monotonic: clock.monotonic() }
    },
  }
}

function openFirst(raw: unknown, now: number): HeldBundle {
  const opened = openBundle(raw, { signers: null, version: 0, now })
  if (!opened.ok) throw new BackendError('bad-bundle', opened.reason)
  return { signed: v.parse(SignedBundle, raw), bundle: opened.bundle }
}

/** Of what is no signed thing at all. */
function refusalOf(raw: unknown): Extract<Taken, { ok: false }> {
  const opened = openBundle(raw, { signers: null, version: 0, now: Number.NaN })
  return opened.ok ? { ok: false, reason: 'malformed' } : opened
}

/** Those that hold by these signers now: a key that was thrown out takes its shards with it. Like the bundle they stay past their date. */
function holding(signed: readonly SignedBundle[], signers: readonly string[]): HeldShard[] {
  return signed.flatMap((each) => {
    const opened = openShard(each, { signers, now: Number.NaN })
    return opened.ok ? [{ signed: each, shard: opened.shard }] : []
  })
}

/** What was once accepted stays in force even past its date: an old list of ways is better than none. */
function readStored(text: string | null): HeldBundle | null {
  const signed = v.safeParse(SignedBundle, parseJson(text))
  if (!signed.success) return null
  // No time is before or after NaN: dates are not looked at.
  const opened = openBundle(signed.output, { signers: null, version: 0, now: Number.NaN })
  return opened.ok ? { signed: signed.output, bundle: opened.bundle } : null
}

function readShards(text: string | null): SignedBundle[] {
  const parsed = v.safeParse(v.array(SignedBundle), parseJson(text))
  return parsed.success ? parsed.output : []
}

function readNote(text: string | null): Note | null {
  const parsed = v.safeParse(Note, parseJson(text))
  return parsed.success ? parsed.output : null
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}
