/**
 * The bundle: the signed list of ways to a relay. Signed as exact bytes: `payload` is canonical JSON text, and a bundle
 * whose payload is not byte for byte the canonical form of its own content is refused, so one content has one signature.
 */
import * as v from 'valibot'
import type { BundleRefusal } from '../contract/bundle.ts'
import { fromBase64Url, toBase64Url, utf8 } from '../util/bytes.ts'
import { type SigningKey, sign, verify } from '../util/signing.ts'

export const BUNDLE_PURPOSE = 'throughline bundle v1'
export const MAX_BUNDLE_BYTES = 65_536

const Address = v.pipe(v.string(), v.minLength(2), v.maxLength(45), v.regex(/^[0-9a-f.:]+$/, 'an address literal'))
const PortNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const HostName = v.pipe(v.string(), v.maxLength(253), v.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a host name'))
export const Id = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))
const Path = v.pipe(v.string(), v.maxLength(200), v.regex(/^\/[A-Za-z0-9/._~-]*$/, 'a path'))

/** What may be shown in clear instead of the endpoint's own name. Nothing here is trusted: the relay proves itself all the same. */
const Disguise = v.strictObject({
  /** Other names that the server there answers to with the same certificate. */
  names: v.optional(v.pipe(v.array(HostName), v.maxLength(8))),
  /** `false`: a handshake that names nobody is not answered there. */
  nameless: v.optional(v.boolean()),
  /** `false`: a handshake in pieces is not answered there. */
  split: v.optional(v.boolean()),
})

/** Somebody who ends TLS under a name of their own and passes requests on to the relay, as a CDN does. */
const Front = v.strictObject({
  id: Id,
  /** The name shown in clear, which its certificate carries. */
  host: HostName,
  address: Address,
  port: PortNumber,
  /** The name in `Host` by which it knows the relay. */
  service: HostName,
})
export type Front = v.InferOutput<typeof Front>

/** A way to one function of the relay. Endpoints of one plane are alternatives; the first of a plane is its plain path. */
export const Endpoint = v.strictObject({
  id: Id,
  plane: v.picklist(['bootstrap', 'chat', 'media', 'links', 'web']),
  host: HostName,
  port: PortNumber,
  addresses: v.array(Address),
  /** Who carries it: endpoints with different providers fail for different causes. */
  provider: v.string(),
  disguise: v.optional(Disguise),
  fronts: v.optional(v.pipe(v.array(Front), v.maxLength(8))),
})
export type Endpoint = v.InferOutput<typeof Endpoint>

export const proxyKinds = ['socks5', 'http-connect', 'https-connect', 'ws-bridge', 'transport'] as const

/** RFC 1929: the lengths are one byte each. */
const Credential = v.pipe(v.string(), v.maxLength(255))

/**
 * Somebody else's computer that passes bytes on. `https-connect`: HTTP CONNECT inside TLS. `ws-bridge`: a WebSocket over TLS on a
 * secret path carries the bytes of one stream to the relay. `transport`: a pluggable transport of Tor's, spoken by a program of
 * the user's own, with the relay behind its server.
 */
export const ProxyEntry = v.pipe(
  v.strictObject({
    id: Id,
    kind: v.picklist(proxyKinds),
    address: Address,
    port: PortNumber,
    username: v.optional(Credential),
    password: v.optional(Credential),
    /** `socks5`: takes greeting and request in one flight. */
    pipelined: v.optional(v.boolean()),
    /** Over TLS: the name its certificate carries, and what is shown in clear unless `sni` says otherwise; `null` shows none. */
    host: v.optional(HostName),
    sni: v.optional(v.nullable(HostName)),
    /** SHA-256 of the public key of its certificate, base64url: whoever has it is believed, whatever the certificate says. */
    pin: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/))),
    /** `ws-bridge`: secret, as a password is. */
    path: v.optional(Path),
    /** `transport`: its name, and the arguments for each connection. */
    transport: v.optional(v.pipe(v.string(), v.regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,39}$/))),
    args: v.optional(v.record(v.pipe(v.string(), v.regex(/^[!-~]{1,60}$/)), v.pipe(v.string(), v.maxLength(300)))),
  }),
  v.check(({ kind, host }) => host !== undefined || (kind !== 'https-connect' && kind !== 'ws-bridge'), 'over TLS a name is needed'),
  v.check(({ kind, path }) => path !== undefined || kind !== 'ws-bridge', 'a bridge has a path'),
  v.check(({ kind, transport }) => transport !== undefined || kind !== 'transport', 'a transport has a name'),
)
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

/** A web server at a literal address that keeps the newest bundle as a file. Its word is worth nothing; the signature's is. */
export const MirrorEntry = v.strictObject({ id: Id, address: Address, port: PortNumber, host: HostName, path: Path, provider: v.string() })
export type MirrorEntry = v.InferOutput<typeof MirrorEntry>

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
  /** Where lookups lead households that ordered a filter from their provider, as published lists say (OONI lists such profiles apart). */
  householdFilters: v.optional(v.pipe(v.array(Address), v.maxLength(64))),
  /** Where to look for the next bundle when no relay hands it over: files, and names whose TXT records hold it (bundle-txt.ts). */
  mirrors: v.optional(v.pipe(v.array(MirrorEntry), v.maxLength(8))),
  txt: v.optional(v.pipe(v.array(HostName), v.maxLength(4))),
})
export type Bundle = v.InferOutput<typeof Bundle>

export const SignedBundle = v.strictObject({
  payload: v.pipe(v.string(), v.maxLength(MAX_BUNDLE_BYTES)),
  key: v.string(),
  signature: v.string(),
})
export type SignedBundle = v.InferOutput<typeof SignedBundle>

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
  return signContent(v.parse(Bundle, bundle), BUNDLE_PURPOSE, key)
}

export interface BundleTrust {
  /** Keys taken from the bundle held so far; `null` when this is the first, which is then trusted as it was handed over. */
  readonly signers: readonly string[] | null
  /** The version held so far; 0 at first. */
  readonly version: number
  /** The later of our clock and the last proven relay time, epoch ms. */
  readonly now: number
}

/**
 * Checks a bundle from outside. Never throws: anything wrong is a refusal with its reason, and the caller keeps what it had.
 * A bundle names its own signer: so each step replaces at most one of two keys, and nobody signs themselves out by mistake.
 */
export function openBundle(raw: unknown, trust: BundleTrust): { ok: true; bundle: Bundle } | Refused {
  const opened = openSigned(raw, BUNDLE_PURPOSE, Bundle)
  if (!opened.ok) return opened
  const { content: bundle, key } = opened
  if (!(trust.signers ?? bundle.signers).includes(key) || !bundle.signers.includes(key)) return { ok: false, reason: 'foreign' }
  if (trust.signers && bundle.version < trust.version) return { ok: false, reason: 'old' }
  const untimely = isUntimely(bundle, trust.now)
  return untimely ? { ok: false, reason: untimely } : { ok: true, bundle }
}

export interface Refused {
  readonly ok: false
  readonly reason: BundleRefusal
}

/** Whatever is signed as exact bytes: its content and who signed it, if the form holds. Whether that key counts is for the caller. */
export function openSigned<S extends v.GenericSchema>(
  raw: unknown,
  purpose: string,
  schema: S,
): { ok: true; content: v.InferOutput<S>; key: string } | Refused {
  const outer = v.safeParse(SignedBundle, raw)
  if (!outer.success) {
    const size = typeof raw === 'object' && raw !== null && 'payload' in raw && typeof raw.payload === 'string' ? raw.payload.length : 0
    return { ok: false, reason: size > MAX_BUNDLE_BYTES ? 'too-large' : 'malformed' }
  }
  const { payload, key } = outer.output
  const content = v.safeParse(schema, parseJson(payload))
  if (!content.success) return { ok: false, reason: 'malformed' }
  if (canonicalJson(content.output) !== payload) return { ok: false, reason: 'not-canonical' }
  if (!signatureHolds(outer.output, purpose)) return { ok: false, reason: 'bad-signature' }
  return { ok: true, content: content.output, key }
}

/** No time is before or after NaN: dates are then not looked at. */
export function isUntimely(
  dates: { readonly notBefore: number; readonly expires: number },
  now: number,
): 'expired' | 'not-yet-valid' | null {
  if (now > dates.expires) return 'expired'
  return now < dates.notBefore ? 'not-yet-valid' : null
}

export function signContent(content: unknown, purpose: string, key: SigningKey): SignedBundle {
  const payload = canonicalJson(content)
  return { payload, key: toBase64Url(key.publicKey), signature: toBase64Url(sign(purpose, [utf8(payload)], key)) }
}

function parseJson(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

function signatureHolds(signed: SignedBundle, purpose: string): boolean {
  try {
    return verify(purpose, [utf8(signed.payload)], fromBase64Url(signed.signature), fromBase64Url(signed.key))
  } catch {
    return false
  }
}
