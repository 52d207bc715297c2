/** The gates before anybody on the way is blamed: no network, nothing beyond it, a portal, an inspecting box, a wrong clock (detection.md 5.2). */
import type { Place, VerdictKind } from '../../../../shared/contract/path.ts'
import { silencesNeeded } from '../line.ts'
import type { TcpObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, endOf, isLongSilence, type Scene } from '../scene.ts'
import type { RuleHit } from './hit.ts'

/** A finding about every plane alike. */
export type LocalHit = Pick<RuleHit, 'rule' | 'layer' | 'code' | 'facts' | 'control' | 'at' | 'mechanism'> & {
  readonly kind: VerdictKind
  readonly place: Place
  readonly confidence: number
}

/** RFC 5280 dates that a certificate is judged by, as Node names them. */
export const timeErrors: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])
/** The certificate vouches for itself alone, as a portal's does (libsignal's "possible captive network"). */
const SELF_SIGNED = 'DEPTH_ZERO_SELF_SIGNED_CERT'
const WRONG_CLOCK_MS = 10 * 60_000
/** What answered so shortly before the silence is no part of it. */
const SINCE_MS = 1000

/** The first that holds. */
export function localHit(scene: Scene): LocalHit | null {
  return noNetwork(scene) ?? portal(scene) ?? wrongClock(scene) ?? inspected(scene) ?? nothingBeyond(scene) ?? onlyDomestic(scene)
}

function noNetwork({ local, context }: Scene): LocalHit | null {
  // A relay on this very computer answers without any network.
  if (!local || local.up || context.relayAlive) return null
  return {
    rule: 'G1',
    kind: 'offline',
    mechanism: null,
    layer: 'local',
    code: 'local-down',
    place: 'device',
    confidence: 0.99,
    facts: {},
    control: 'none',
    at: local.at,
  }
}

/** Strangers' handshakes, the newest of each, about as new as the newest. */
function strangers({ tls, context }: Scene) {
  return tls.filter(({ last }) => last.role === 'control' && context.now - last.at < CONTROL_WINDOW_MS).map(({ last }) => last)
}

/** Strangers who are asked in one round are asked within this. */
const ROUND_MS = 1500

/**
 * Until when somebody answered in place of strangers, and none of them for himself: a portal, an inspecting box, a wrong clock. What was seen of us
 * behind that says nothing, also when it has gone since.
 */
export function veiledUntil({ tls }: Scene): number {
  const met = tls.flatMap(({ all }) => all.filter(({ role }) => role === 'control'))
  const own = met.filter(({ outcome }) => outcome.kind === 'established')
  const veiled = met.filter((o) => o.outcome.kind === 'certificate' && !own.some(({ at }) => Math.abs(at - o.at) < ROUND_MS))
  return Math.max(0, ...veiled.map(endOf))
}

/** Somebody answers in place of strangers: their plain pages lead elsewhere, or their certificates vouch for themselves. */
function portal(scene: Scene): LocalHit | null {
  const met = strangers(scene)
  if (met.some(({ outcome }) => outcome.kind === 'established')) return null
  const newest = Math.max(0, ...met.map(endOf))
  const redirected = scene.portal
    .map(({ last }) => last)
    .filter(({ at, outcome }) => {
      // RFC 6585 section 6: 511 is the status made for portals.
      const isPortal = outcome.kind === 'status' && (outcome.elsewhere || outcome.status === 511)
      return isPortal && at >= newest - CONTROL_WINDOW_MS
    })
  const selfSigned = met.filter(({ outcome }) => outcome.kind === 'certificate' && outcome.code === SELF_SIGNED)
  const answeredWell = scene.portal.some(({ last }) => last.outcome.kind === 'status' && last.outcome.status === 204)
  if (redirected.length === 0 && (selfSigned.length < 2 || answeredWell)) return null
  return {
    rule: 'G2p',
    kind: 'captive_portal',
    mechanism: null,
    layer: 'local',
    code: 'portal-answers',
    place: 'network',
    confidence: redirected.length > 0 && selfSigned.length > 0 ? 0.95 : redirected.length > 1 ? 0.85 : 0.7,
    facts: { redirected: redirected.length, selfSigned: selfSigned.length },
    control: 'strangers',
    at: Math.max(newest, ...redirected.map(({ at }) => at)),
  }
}

/** Everybody's certificate is out of its time, and something besides says that our clock is. */
function wrongClock(scene: Scene): LocalHit | null {
  const met = strangers(scene)
  const untimely = met.filter(({ outcome }) => outcome.kind === 'certificate' && timeErrors.has(outcome.code))
  if (untimely.length === 0 || met.some(({ outcome }) => outcome.kind === 'established')) return null
  const told = scene.local?.clockSkewMs ?? null
  // Plain pages of strangers carry dates too: two who agree are as good as one who proved himself.
  const dates = scene.portal.flatMap(({ last }) => (last.outcome.kind === 'status' ? (last.outcome.skewMs ?? []) : []))
  const agreed = dates.length >= 2 && Math.max(...dates) - Math.min(...dates) < WRONG_CLOCK_MS ? (dates[0] ?? null) : null
  const skewMs = [told, agreed].find((skew) => skew !== null && Math.abs(skew) > WRONG_CLOCK_MS) ?? null
  if (skewMs === null) return null
  return {
    rule: 'G3',
    kind: 'clock_wrong',
    mechanism: null,
    layer: 'local',
    code: 'clock-off',
    place: 'device',
    confidence: 0.95,
    facts: { skewMs },
    control: skewMs === told ? 'relay-time' : 'strangers',
    at: Math.max(...untimely.map(({ at }) => at)),
  }
}

/** One unknown issuer signs for strangers and for us, or one that this computer was told to trust. */
function inspected(scene: Scene): LocalHit | null {
  const issuerOf = ({ outcome }: (typeof scene.tls)[number]['last']) =>
    outcome.kind === 'certificate' && outcome.code !== SELF_SIGNED && !timeErrors.has(outcome.code) ? outcome.issuer : null
  const ours = scene.tls.filter(({ last }) => last.role === 'target' && last.source !== 'proxy').map(({ last }) => last)
  const theirs = new Set(strangers(scene).flatMap((o) => issuerOf(o) ?? []))
  const installed = new Set(scene.local?.installed ?? [])
  const shared = ours
    .filter((o) => {
      const issuer = issuerOf(o)
      return issuer !== null && (theirs.has(issuer) || installed.has(issuer))
    })
    .toSorted((a, b) => endOf(a) - endOf(b))
    .at(-1)
  const issuer = shared && issuerOf(shared)
  if (!shared || !issuer) return null
  const isInstalled = installed.has(issuer)
  return {
    rule: 'G2',
    kind: 'local_filter',
    mechanism: null,
    layer: 'tls',
    code: isInstalled ? 'signed-by-installed' : 'same-stranger-signs-everything',
    place: isInstalled ? 'device' : 'network',
    confidence: isInstalled ? 0.95 : 0.9,
    facts: { issuer },
    control: theirs.has(issuer) ? 'strangers-signed-alike' : 'none',
    at: shared.at,
  }
}

/** Direct connections to strangers and to us, the newest of each. */
function direct({ tcp }: Scene) {
  return tcp.filter(({ last }) => last.source !== 'proxy').map(({ last }) => last)
}

function nothingBeyond(scene: Scene): LocalHit | null {
  const controls = direct(scene).filter(({ role }) => role === 'control')
  const providers = new Set(controls.map(({ provider }) => provider))
  if (providers.size < 2 || controls.some(({ outcome }) => outcome.kind === 'connected')) return null
  const from = Math.min(...controls.map(({ at }) => at))
  if (answersSince(scene, from) || (isCarried(scene) && scene.context.relayAlive)) return null
  return {
    rule: 'G1',
    kind: 'offline',
    mechanism: null,
    layer: 'tcp',
    code: 'nothing-beyond-answers',
    place: 'network',
    confidence: 0.75,
    facts: { controls: controls.length },
    control: 'none',
    at: Math.max(...controls.map(({ at }) => at)),
  }
}

/** Anything at all, or an answer of a resolver that is none of this network's own. */
function answersSince(scene: Scene, from: number): boolean {
  return (
    direct(scene).some((o) => o.outcome.kind === 'connected' && endOf(o) >= from - SINCE_MS) ||
    scene.dns.some(({ last }) => last.outcome.kind === 'answer' && last.resolver === 'doh' && endOf(last) >= from - SINCE_MS)
  )
}

/** A session that came about over an address which answers nobody any more is not believed to be alive; one by a detour is. */
function isCarried(scene: Scene): boolean {
  const proof = scene.hello
    .map(({ last }) => last)
    .filter(({ outcome }) => outcome.kind === 'proven')
    .toSorted((a, b) => endOf(a) - endOf(b))
    .at(-1)
  if (!proof || proof.source === 'proxy') return true
  return !direct(scene).some((o) => o.address === proof.address && o.outcome.kind !== 'connected' && endOf(o) > endOf(proof))
}

/** Only a short list of places answers, those of this country among them (detection.md 5.2, gate 1). */
function onlyDomestic(scene: Scene): LocalHit | null {
  const controls = direct(scene).filter(({ role }) => role === 'control')
  const isDomestic = (endpoint: string) => scene.context.controls.some(({ id, domestic }) => id === endpoint && domestic)
  // A stranger who may only be far away says nothing yet.
  const isTooSoon = ({ outcome, ms }: TcpObservation) => outcome.kind === 'timeout' && !isLongSilence(scene, ms)
  const abroad = controls.filter((o) => !isDomestic(o.endpoint) && !isTooSoon(o))
  const answering = controls.filter(({ outcome }) => outcome.kind === 'connected')
  const isAbroadSilent = abroad.length > 0 && new Set(abroad.map(({ provider }) => provider)).size >= 2
  if (!isAbroadSilent || answering.length === 0 || !answering.every(({ endpoint }) => isDomestic(endpoint))) return null
  const silences = scene.tcp.filter(({ last }) => abroad.includes(last)).reduce((sum, { repeats }) => sum + repeats, 0)
  const isAbroad = ({ role, endpoint }: TcpObservation) => role === 'control' && !isDomestic(endpoint)
  const ms = Math.max(...abroad.map((o) => o.ms))
  if (silences < silencesNeeded(scene, isAbroad, { layer: 'tcp', ms })) return null
  const from = Math.min(...abroad.map(({ at }) => at))
  const ours = direct(scene).filter(({ role }) => role === 'target')
  const reachable = ours.some((o) => o.outcome.kind === 'connected' && endOf(o) >= from - SINCE_MS)
  const lookedUpAbroad = scene.dns.some(
    ({ last }) => last.outcome.kind === 'answer' && last.resolver === 'doh' && endOf(last) >= from - SINCE_MS,
  )
  if (reachable || lookedUpAbroad || !ours.some(({ outcome }) => outcome.kind === 'timeout' || outcome.kind === 'unreachable')) return null
  return {
    rule: 'G1a',
    kind: 'interference',
    mechanism: 'allow_list',
    layer: 'tcp',
    code: 'only-domestic-answers',
    place: 'way',
    // A client cannot tell a list from a cut cable to abroad (detection.md 5.5).
    confidence: 0.6,
    facts: { abroad: abroad.length, domestic: answering.length },
    control: 'domestic-answers',
    at: Math.max(...abroad.map(({ at }) => at)),
  }
}
