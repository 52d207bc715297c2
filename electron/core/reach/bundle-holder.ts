/** The bundle in force: from the file at first, then whatever newer one its signers sent. Anything else is refused and changes nothing. */
import * as v from 'valibot'
import { BackendError } from '../../../shared/contract/errors.ts'
import { type Bundle, type BundleRefusal, openBundle, SignedBundle } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { ValueStore } from '../store/values.ts'

const KEY = 'reach.bundle.v1'

export interface BundleHolder {
  current(): Bundle
  onChange(listener: (bundle: Bundle) => void): () => void
  /** Takes a newer bundle from any channel; `null` when taken or already held, else why not. */
  offer(raw: unknown): BundleRefusal | null
  /** A proven relay told the time: bundles are judged by the later of its clock and ours. */
  provenTime(at: number): void
}

/**
 * Starts from the stored bundle, if there is one, and offers it `raw`; else from `raw`. Throws `bad-bundle` with the reason
 * when there is nothing to start from, or when `raw` was signed by somebody else than the bundle held so far.
 */
export function createBundleHolder(raw: unknown, values: ValueStore, clock: Clock): BundleHolder {
  const changes = createEvents<Bundle>()
  let relayNow = 0
  const now = () => Math.max(clock.now(), relayNow)
  const stored = openStored(values.get(KEY))
  let held = stored ?? start(raw, now())

  const keep = (bundle: Bundle, signed: unknown) => {
    held = bundle
    values.set(KEY, JSON.stringify(v.parse(SignedBundle, signed)))
  }
  const offer = (offered: unknown): BundleRefusal | null => {
    const opened = openBundle(offered, { signers: held.signers, version: held.version, now: now() })
    if (!opened.ok) return opened.reason
    if (opened.bundle.version === held.version) return null
    keep(opened.bundle, offered)
    changes.emit(opened.bundle)
    return null
  }
  if (stored) {
    const refusal = offer(raw)
    // An older file beside a newer stored bundle is the usual case; one of somebody else's is not.
    if (refusal === 'foreign' || refusal === 'bad-signature' || refusal === 'not-canonical' || refusal === 'malformed')
      throw new BackendError('bad-bundle', refusal)
  } else keep(held, raw)

  return {
    current: () => held,
    onChange: changes.on,
    offer,
    provenTime(at) {
      relayNow = at
    },
  }
}

function start(raw: unknown, now: number): Bundle {
  const opened = openBundle(raw, { signers: null, version: 0, now })
  if (!opened.ok) throw new BackendError('bad-bundle', opened.reason)
  return opened.bundle
}

/** What was once accepted stays in force even past its date: an old list of ways is better than none. */
function openStored(text: string | null): Bundle | null {
  try {
    // No time is before or after NaN: dates are not looked at.
    const opened = openBundle(JSON.parse(text ?? 'null'), { signers: null, version: 0, now: Number.NaN })
    return opened.ok ? opened.bundle : null
  } catch {
    return null
  }
}
