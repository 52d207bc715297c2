/**
 * A shard: a signed piece with a few more ways, for some people only, so that whoever learns one bundle does not learn them all.
 * It adds to a bundle by the same signers and replaces nothing in it; without such a bundle it is worth nothing.
 */
import * as v from 'valibot'
import type { SigningKey } from '../util/signing.ts'
import {
  type Bundle,
  DohEntry,
  Endpoint,
  Id,
  isUntimely,
  MirrorEntry,
  openSigned,
  ProxyEntry,
  type Refused,
  type SignedBundle,
  signContent,
} from './bundle.ts'

/** Another than the bundle's: one is never taken for the other. */
export const SHARD_PURPOSE = 'throughline shard v1'

const few = <const S extends v.GenericSchema>(entry: S) => v.optional(v.pipe(v.array(entry), v.maxLength(16)), [])

export const Shard = v.pipe(
  v.strictObject({
    format: v.literal(1),
    /** Names it among shards; a later one by the same name takes its place. */
    shard: Id,
    version: v.pipe(v.number(), v.integer(), v.minValue(1)),
    notBefore: v.number(),
    expires: v.number(),
    endpoints: few(Endpoint),
    proxies: few(ProxyEntry),
    doh: few(DohEntry),
    mirrors: few(MirrorEntry),
  }),
  v.check((shard) => waysIn(shard) > 0, 'a shard has ways'),
)
export type Shard = v.InferOutput<typeof Shard>

type Ways = Pick<Bundle, 'endpoints' | 'proxies' | 'doh' | 'mirrors'>

export function waysIn({ endpoints, proxies, doh, mirrors }: Ways): number {
  return endpoints.length + proxies.length + doh.length + (mirrors?.length ?? 0)
}

export function signShard(shard: v.InferInput<typeof Shard>, key: SigningKey): SignedBundle {
  return signContent(v.parse(Shard, shard), SHARD_PURPOSE, key)
}

/** Never throws. `signers`: those of the bundle held. */
export function openShard(
  raw: unknown,
  trust: { readonly signers: readonly string[]; readonly now: number },
): { ok: true; shard: Shard } | Refused {
  const opened = openSigned(raw, SHARD_PURPOSE, Shard)
  if (!opened.ok) return opened
  if (!trust.signers.includes(opened.key)) return { ok: false, reason: 'foreign' }
  const untimely = isUntimely(opened.content, trust.now)
  return untimely ? { ok: false, reason: untimely } : { ok: true, shard: opened.content }
}

/** The bundle's ways first and unchanged; of the shards only what bears an id that is not there yet. */
export function withShards(bundle: Bundle, shards: readonly Shard[]): Bundle {
  if (shards.length === 0) return bundle
  return {
    ...bundle,
    endpoints: added(
      bundle.endpoints,
      shards.map(({ endpoints }) => endpoints),
    ),
    proxies: added(
      bundle.proxies,
      shards.map(({ proxies }) => proxies),
    ),
    doh: added(
      bundle.doh,
      shards.map(({ doh }) => doh),
    ),
    mirrors: added(
      bundle.mirrors ?? [],
      shards.map(({ mirrors }) => mirrors),
    ),
  }
}

function added<T extends { readonly id: string }>(own: readonly T[], more: readonly (readonly T[])[]): T[] {
  const seen = new Set<string>()
  return [own, ...more].flat().filter(({ id }) => !seen.has(id) && seen.add(id))
}
