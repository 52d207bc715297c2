/**
 * Evidence -> verdict, a pure function: the same observations and context always give the same verdicts, so that every
 * verdict can be recomputed from its export. One verdict per plane, never one for the app.
 */
import {
  mechanisms as allMechanisms,
  type EvidenceLine,
  type Mechanism,
  type Plane,
  planes,
  type Verdict,
} from '../../../shared/contract/path.ts'
import { round, type Scored, scored, wordFor } from './confidence.ts'
import type { Observation, TlsObservation } from './observation.ts'
import { dnsHits } from './rules/dns.ts'
import { helloHits } from './rules/hello.ts'
import type { RuleHit } from './rules/hit.ts'
import { loadHits } from './rules/load.ts'
import { type LocalHit, localHit, veiledUntil } from './rules/local.ts'
import { residueHits } from './rules/residue.ts'
import { statusHits } from './rules/status.ts'
import { tcpHits } from './rules/tcp.ts'
import { tlsHits } from './rules/tls.ts'
import { transferHits } from './rules/transfer.ts'
import { type Context, endOf, isBrokenV6, plainOf, type Scene, sceneOf, targetsOf } from './scene.ts'

export type Finding = Omit<Verdict, 'at' | 'since' | 'actions' | 'exposure'>

/** Below this nothing is claimed. */
const CLAIM = 0.4

export function diagnose(observations: readonly Observation[], context: Context): readonly Finding[] {
  const scene = sceneOf(observations, context)
  const everywhere = localHit(scene)
  return planes
    .filter((plane) => context.endpoints.some((endpoint) => endpoint.plane === plane))
    .map((plane) => (everywhere ? localFinding(plane, everywhere) : planeFinding(scene, plane)))
}

/** What holds for every plane alike, before anything is said of one. */
function localFinding(plane: Plane, { kind, mechanism, confidence, place, ...line }: LocalHit): Finding {
  const mechanisms = mechanism ? [mechanism] : []
  return { plane, kind, mechanisms, confidence, word: wordFor(confidence), place, evidence: [{ ...line, level: 'scored' }] }
}

function planeFinding(scene: Scene, plane: Plane): Finding {
  const first = plainOf(scene, plane)
  const veiled = veiledUntil(scene)
  const hits = [dnsHits, tcpHits, tlsHits, residueHits, helloHits, statusHits, loadHits, transferHits]
    .flatMap((rules) => rules(scene, plane))
    .filter(({ at }) => at > veiled)
    .map((hit) => scored(scene, hit))
  const counted = hits.filter(({ hit }) => !isPassed(scene, hit))
  // The plain path is the first endpoint: trouble on a spare way alone is no trouble of the plane.
  const onPlainPath = counted.filter(({ hit }) => hit.endpoint === first?.id || hit.endpoint === '')
  const masked = onPlainPath.filter((one) => isMasked(one, onPlainPath))
  const standing = onPlainPath.filter((one) => !masked.includes(one))
  const decisive = standing.toSorted((a, b) => strength(b) - strength(a))[0]
  // What decided comes first, also where a spare way is in worse trouble.
  const evidence = hits
    .toSorted((a, b) => Number(b === decisive) - Number(a === decisive) || strength(b) - strength(a))
    .map((one) => lineOf(one.hit, strength(one) >= CLAIM && counted.includes(one) && !masked.includes(one)))
  if (!decisive || strength(decisive) < CLAIM) return withoutTrouble(scene, plane, first?.id, evidence)

  const { hit, blocked, down } = decisive
  const said = (kind: Finding['kind'], confidence: number, mechanisms: readonly Mechanism[] = []): Finding => ({
    plane,
    kind,
    mechanisms: [...mechanisms],
    confidence: round(confidence),
    word: wordFor(confidence),
    place: hit.place,
    evidence,
  })
  if (hit.kind) return said(hit.kind, strength(decisive))
  if (down > blocked) return said('service_fault', down)
  const named = new Set(
    counted.flatMap((one) =>
      one.hit.mechanism && one.blocked >= CLAIM && one.blocked > one.down && !masked.includes(one) ? [one.hit.mechanism] : [],
    ),
  )
  // By depth, name lookup first, as the contract lists them.
  return said(
    'interference',
    blocked,
    allMechanisms.filter((mechanism) => named.has(mechanism)),
  )
}

/** What befell another address of the same endpoint is settled once the plain one has proven itself since (detection.md 5.2, gate 4). */
function isPassed(scene: Scene, { layer, facts, endpoint, at }: RuleHit): boolean {
  if (layer !== 'tcp' && layer !== 'tls') return false
  const plain = scene.context.endpoints.find(({ id }) => id === endpoint)?.addresses[0]
  if (typeof facts.address !== 'string' || facts.address === plain) return false
  return scene.tls.some(({ last }) => last.address === plain && last.endpoint === endpoint && isProof(last) && endOf(last) > at)
}

function isProof({ outcome, sni, source }: TlsObservation): boolean {
  return outcome.kind === 'established' && sni !== null && source !== 'proxy'
}

function strength({ blocked, down }: Scored): number {
  return Math.max(blocked, down)
}

/** Rests on failures to connect or to finish, which a crowd at the door causes too. */
const byCrowd: ReadonlySet<string> = new Set(['T3', 'T4', 'T5', 'T6', 'T7', 'S3', 'S5s', 'H5', 'Q0', 'Q1', 'Q1n'])

/** Whether another finding explains this one (detection.md 1.1: a layer above an untrusted one is masked). */
function isMasked({ hit }: Scored, all: readonly Scored[]): boolean {
  const others = all.filter((one) => one.hit !== hit && strength(one) >= CLAIM).map((one) => one.hit)
  // Anything proven to be done on the way is said regardless of a crowd (5.5).
  const isProvenAct = others.some((other) => other.proof && other.mechanism !== null && !byCrowd.has(other.rule))
  if (hit.rule === 'O1') return isProvenAct
  if (byCrowd.has(hit.rule) && others.some(({ rule }) => rule === 'O1')) return true
  if (hit.rule === 'S3' && hit.repeats < 2 && others.some((other) => isClosedSince(other, hit))) return true
  return hit.layer === 'transfer' && all.some((one) => isReachOf(one.hit, hit))
}

/** One handshake cut in the middle, and since then not even a connection opens: what closed the address cut that as well. */
function isClosedSince({ rule, facts, at }: RuleHit, handshake: RuleHit): boolean {
  return (rule === 'T3' || rule === 'T3f') && facts.address === handshake.facts.address && at >= handshake.at
}

/** Throughput is a matter of what is reached at all: a failure at its address, however little it says by itself, for that differs with who else answers. */
function isReachOf({ layer, facts }: RuleHit, transfer: RuleHit): boolean {
  return (layer === 'tcp' || layer === 'tls') && facts.address === transfer.facts.address
}

const helloProven = { rule: 'H0', layer: 'hello', code: 'hello-proven' } as const
const siteProven = { rule: 'S0', layer: 'tls', code: 'site-proven' } as const

/** Nothing counts against the plain path: it is fine if it proved itself and has not fallen silent since; else nobody knows yet. */
function withoutTrouble(scene: Scene, plane: Plane, first: string | undefined, lines: readonly EvidenceLine[]): Finding {
  const evidence = lines.map((line): EvidenceLine => ({ ...line, level: 'discarded' }))
  const nothing: Finding = { plane, kind: 'inconclusive', mechanisms: [], confidence: 0, word: 'none', place: null, evidence }
  const hellos = targetsOf(scene.hello, plane).filter(({ last }) => last.outcome.kind === 'proven')
  const handshakes = targetsOf(scene.tls, plane).filter(({ last }) => last.outcome.kind === 'established' && last.sni !== null)
  const newest = [...hellos, ...handshakes]
    .map(({ last }) => last)
    .filter(({ endpoint, source }) => endpoint === first && source !== 'proxy')
    .toSorted((a, b) => endOf(a) - endOf(b))
    .at(-1)
  if (!newest) return nothing
  // Where a false answer once led says nothing of the site.
  const ours = new Set(scene.context.endpoints.find(({ id }) => id === first)?.addresses)
  const silentSince = [...targetsOf(scene.tcp, plane), ...targetsOf(scene.tls, plane), ...targetsOf(scene.hello, plane)].some(
    ({ last }) =>
      last.endpoint === first &&
      last.source !== 'proxy' &&
      (last.address === newest.address || ours.has(last.address)) &&
      !isBrokenV6(scene, last) &&
      last.outcome.kind === 'timeout' &&
      last.at > newest.at,
  )
  if (silentSince) return nothing
  const proof: EvidenceLine = {
    ...(newest.t === 'hello' ? helloProven : siteProven),
    facts: { address: newest.address },
    control: 'none',
    level: 'none',
    at: newest.at,
  }
  // For messages only the relay's own proof is more than a promise; a certificate that was accepted can be a box's.
  const isPromise = plane === 'chat' && newest.t === 'tls' && !hellos.some(({ last }) => last.endpoint === first && last.source !== 'proxy')
  const confidence = isPromise ? 0.8 : 0.95
  return { ...nothing, kind: 'ok', confidence, word: wordFor(confidence), evidence: [proof, ...evidence] }
}

function lineOf({ rule, layer, code, facts, control, at }: RuleHit, counts: boolean): EvidenceLine {
  return { rule, layer, code, facts, control, at, level: counts ? 'scored' : 'discarded' }
}
