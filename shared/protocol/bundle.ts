/**
 * The bundle: the signed list of ways to a relay. Signed as exact bytes: `payload` is canonical JSON text, and a bundle
 * whose payload is not byte for byte the canonical form of its own content is refused, so one content has one signature.
 */
import * as v from 'valibot'
import { fromBase64Url, toBase64Url, utf8 } from '../util/bytes.ts'
import { type SigningKey, sign, verify } from '../util/signing.ts'

export const BUNDLE_PURPOSE = 'throughline bundle v1'
export const MAX_BUNDLE_BYTES = 65_536

const Address = v.pipe(v.string(), v.minLength(2), v.maxLength(45), v.regex(/^[0-9a-f.:]+$/, 'an address literal'))
const PortNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const HostName = v.pipe(v.string(), v.maxLength(253), v.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a host name'))
const Id = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))

/** A way to one function of the relay. Endpoints of one plane are alternatives; the first of a plane is its plain path. */
export const Endpoint = v.strictObject({
  id: Id,
  plane: v.picklist(['bootstrap', 'chat', 'media', 'links', 'web']),
  host: HostName,
  port: PortNumber,
  addresses: v.array(Address),
  /** Who carries it: endpoints with different providers fail for different causes. */
  provider: v.string(),
})
export type Endpoint = v.InferOutput<typeof Endpoint>

export const ProxyEntry = v.strictObject({
  id: Id,
  kind: v.picklist(['socks5', 'http-connect']),
  address: Address,
  port: PortNumber,
  username: v.optional(v.string()),
  password: v.optional(v.string()),
})
export type ProxyEntry = v.InferOutput<typeof ProxyEntry>

/** A public resolver that answers DNS over HTTPS (RFC 8484) at a literal address. */
export const DohEntry = v.strictObject({ id: Id, address: Address, port: PortNumber, host: HostName, path: v.string() })
export type DohEntry = v.InferOutput<typeof DohEntry>

/** Something unrelated to us that should always work, to compare with: by name and by literal address. */
export const ControlEntry = v.strictObject({
  id: Id,
  host: HostName,
  address: Address,
  port: PortNumber,
  provider: v.string(),
  domestic: v.boolean(),
})
export type ControlEntry = v.InferOutput<typeof ControlEntry>

export const Bundle = v.strictObject({
  format: v.literal(1),
  /** Strictly increasing; an older one is never taken. */
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  notBefore: v.number(),
  expires: v.number(),
  /** The relay's Ed25519 key: the only thing that makes a connection "connected". */
  relayKey: v.string(),
  /** Keys that may sign the next bundle; one of them signed this one. */
  signers: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(2)),
  /** Certificate authorities (PEM) that TLS to these endpoints is checked against. */
  roots: v.array(v.string()),
  endpoints: v.pipe(v.array(Endpoint), v.minLength(1), v.maxLength(64)),
  proxies: v.pipe(v.array(ProxyEntry), v.maxLength(64)),
  doh: v.pipe(v.array(DohEntry), v.maxLength(16)),
  controls: v.pipe(v.array(ControlEntry), v.maxLength(16)),
  /** Address ranges that no honest answer contains here (CIDR); the lab's world uses ranges that are bogons elsewhere. */
  bogons: v.array(v.string()),
})
export type Bundle = v.InferOutput<typeof Bundle>

export const SignedBundle = v.strictObject({
  payload: v.pipe(v.string(), v.maxLength(MAX_BUNDLE_BYTES)),
  key: v.string(),
  signature: v.string(),
})
export type SignedBundle = v.InferOutput<typeof SignedBundle>

export type BundleRefusal = 'malformed' | 'not-canonical' | 'bad-signature' | 'foreign' | 'old' | 'expired' | 'not-yet-valid' | 'too-large'

/** JSON with sorted keys, no spaces: RFC 8785 for the value types a bundle has (no fractions, no exotic numbers). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

export function signBundle(bundle: Bundle, key: SigningKey): SignedBundle {
  const payload = canonicalJson(v.parse(Bundle, bundle))
  return { payload, key: toBase64Url(key.publicKey), signature: toBase64Url(sign(BUNDLE_PURPOSE, [utf8(payload)], key)) }
}

export interface BundleTrust {
  /** Keys taken from the bundle held so far; `null` when this is the first, which is then trusted as it was handed over. */
  readonly signers: readonly string[] | null
  /** The version held so far; 0 at first. */
  readonly version: number
  /** The later of our clock and the last proven relay time, epoch ms. */
  readonly now: number
}

/** Checks a bundle from outside. Never throws: anything wrong is a refusal with its reason, and the caller keeps what it had. */
export function openBundle(raw: unknown, trust: BundleTrust): { ok: true; bundle: Bundle } | { ok: false; reason: BundleRefusal } {
  const outer = v.safeParse(SignedBundle, raw)
  if (!outer.success) {
    const size = typeof raw === 'object' && raw !== null && 'payload' in raw && typeof raw.payload === 'string' ? raw.payload.length : 0
    return { ok: false, reason: size > MAX_BUNDLE_BYTES ? 'too-large' : 'malformed' }
  }
  const bundle = parsePayload(outer.output.payload)
  if (!bundle) return { ok: false, reason: 'malformed' }
  if (canonicalJson(bundle) !== outer.output.payload) return { ok: false, reason: 'not-canonical' }
  if (!signatureHolds(outer.output)) return { ok: false, reason: 'bad-signature' }
  if (!(trust.signers ?? bundle.signers).includes(outer.output.key)) return { ok: false, reason: 'foreign' }
  if (trust.signers && bundle.version < trust.version) return { ok: false, reason: 'old' }
  if (trust.now > bundle.expires) return { ok: false, reason: 'expired' }
  if (trust.now < bundle.notBefore) return { ok: false, reason: 'not-yet-valid' }
  return { ok: true, bundle }
}

function parsePayload(payload: string): Bundle | null {
  try {
    const parsed = v.safeParse(Bundle, JSON.parse(payload))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

function signatureHolds(signed: SignedBundle): boolean {
  try {
    return verify(BUNDLE_PURPOSE, [utf8(signed.payload)], fromBase64Url(signed.signature), fromBase64Url(signed.key))
  } catch {
    return false
  }
}
