/** Turns what the operator offers into signed bundles, one version after the other, and keeps the newest in `bundle.json`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { type Bundle, canonicalJson, openBundle, SignedBundle, signBundle } from '../shared/protocol/bundle.ts'
import type { Offer } from '../shared/protocol/processes.ts'
import { toBase64Url } from '../shared/util/bytes.ts'
import { writeDurably } from './files.ts'
import type { RelayKeys } from './keys.ts'

const DAY = 24 * 60 * 60_000
const VALID_FOR = 90 * DAY
/** Signed anew when this little of its life is left, so that a client which looks in monthly never holds an expired one. */
const RENEW_BEFORE = 45 * DAY
/** A client whose clock runs behind by less than this still takes a new bundle. */
const CLOCK_SLACK = DAY

export interface BundleKeeper {
  readonly current: { readonly signed: SignedBundle; readonly bundle: Bundle }
  readonly path: string
  /** The bundle for this offer: the current one where nothing changed, else the next version, already on disk. Throws if the offer breaks the schema. */
  offer(offer: Offer, now: number): SignedBundle
}

/** Starts from the bundle that `dataDir` already has, if any, and brings it up to date with `offer`. */
export function createBundleKeeper(dataDir: string, keys: RelayKeys, offer: Offer, now: number): BundleKeeper {
  const path = join(dataDir, 'bundle.json')

  const next = (wanted: Offer, at: number, held: BundleKeeper['current'] | null): BundleKeeper['current'] => {
    const content = {
      ...wanted,
      relayKey: toBase64Url(keys.relay.publicKey),
      signers: keys.signers.map((key) => toBase64Url(key.publicKey)),
    }
    if (held && sameContent(held.bundle, content) && held.bundle.expires - at > RENEW_BEFORE) return held
    const bundle: Bundle = {
      format: 1,
      version: (held?.bundle.version ?? 0) + 1,
      notBefore: at - CLOCK_SLACK,
      expires: at + VALID_FOR,
      ...content,
    }
    const signed = signBundle(bundle, keys.activeSigner)
    writeDurably(path, `${JSON.stringify(signed)}\n`, 0o644)
    return { signed, bundle }
  }

  let current = next(offer, now, readHeld(path, keys))
  return {
    path,
    get current() {
      return current
    },
    offer(wanted, at) {
      current = next(wanted, at, current)
      return current.signed
    },
  }
}

/** The bundle on disk, expired or not: its version must never be given out twice. Throws on one that is not ours. */
function readHeld(path: string, keys: RelayKeys): BundleKeeper['current'] | null {
  if (!existsSync(path)) return null
  const raw: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const signers = keys.signers.map((key) => toBase64Url(key.publicKey))
  // No time is before or after NaN: age does not matter here.
  const opened = openBundle(raw, { signers, version: 0, now: Number.NaN })
  if (!opened.ok) throw new Error(`bundle.json is not this relay's: ${opened.reason}`)
  return { signed: v.parse(SignedBundle, raw), bundle: opened.bundle }
}

function sameContent(bundle: Bundle, content: Omit<Bundle, 'format' | 'version' | 'notBefore' | 'expires'>): boolean {
  const { format: _format, version: _version, notBefore: _notBefore, expires: _expires, ...held } = bundle
  return canonicalJson(held) === canonicalJson(content)
}
