/**
 * Evidence -> verdict, a pure function: the same observations and context always give the same verdicts, so that every
 * verdict can be recomputed from its export. One verdict per plane, never one for the app.
 */
import {
  mechanisms as allMechanisms,
  type ConfidenceWord,
  type ControlCode,
  type EvidenceCode,
  type EvidenceLine,
  type Mechanism,
  type Plane,
  planes,
  type Verdict,
} from '../../../shared/contract/path.ts'
import type { Observation } from './observation.ts'
import { dnsHits } from './rules/dns.ts'
import type { RuleHit } from './rules/hit.ts'
import { tcpHits } from './rules/tcp.ts'
import { tlsHits } from './rules/tls.ts'
import { type Context, type Scene, sceneOf, targetsOf } from './scene.ts'

export type Finding = Omit<Verdict, 'at' | 'since' | 'actions' | 'exposure'>

/** Right after a network change silence proves nothing yet (detection.md, gate 0). */
const QUIET_MS = 5000

/** Ceilings and steps of detection.md 5.3, which marks them as proposals to be calibrated. */
const CEILING = { withoutControl: 0.6, withoutRepetition: 0.8, withoutVantageOrProof: 0.84, whileUnsettled: 0.64, always: 0.99 } as const

export function diagnose(observations: readonly Observation[], context: Context): readonly Finding[] {
  const scene = sceneOf(observations, context)
  const everywhere = localFinding(scene)
  return planes
    .filter((plane) => context.endpoints.some((endpoint) => endpoint.plane === plane))
    .map((plane) => (everywhere ? { plane, ...everywhere } : planeFinding(scene, plane)))
}

export function wordFor(confidence: number): ConfidenceWord {
  if (confidence >= 0.85) return 'confirmed'
  if (confidence >= 0.65) return 'likely'
  return confidence >= 0.4 ? 'suspected' : 'none'
}

/** What holds for every plane alike: no network, or nothing at all beyond it. */
function localFinding(scene: Scene): Omit<Finding, 'plane'> | null {
  const { local } = scene
  // A relay on this very computer answers without any network.
  if (local && !local.up && !scene.context.relayAlive) {
    return {
      kind: 'offline',
      mechanisms: [],
      confidence: 0.99,
      word: 'confirmed',
      place: 'device',
      evidence: [line('G1', 'local', 'local-down', {}, 'none', local.at)],
    }
  }
  const controls = scene.tcp.filter((run) => run.last.role === 'control')
  const newest = Math.max(0, ...controls.map((run) => run.last.at))
  const silent = controls.length >= 2 && controls.every((run) => run.last.outcome.kind !== 'connected')
  const anythingSince = scene.tcp.some((run) => run.last.outcome.kind === 'connected' && run.last.at >= newest - 10_000)
  if (!silent || anythingSince || scene.context.relayAlive) return null
  return {
    kind: 'offline',
    mechanisms: [],
    confidence: 0.7,
    word: 'likely',
    place: 'network',
    evidence: [line('G1', 'tcp', 'nothing-beyond-answers', { controls: controls.length }, 'none', newest)],
  }
}

function planeFinding(scene: Scene, plane: Plane): Finding {
  const first = scene.context.endpoints.find((endpoint) => endpoint.plane === plane)
  const hits = [...dnsHits(scene, plane), ...tcpHits(scene, plane), ...tlsHits(scene, plane)].map((hit) => ({
    hit,
    blocked: confidence(scene, hit, hit.weights.blocked),
    down: confidence(scene, hit, hit.weights.down),
  }))
  // The plain path is the first endpoint: trouble on a spare way alone is no trouble of the plane.
  const onPlainPath = hits.filter(({ hit }) => hit.endpoint === first?.id || hit.endpoint === '')
  const decisive = onPlainPath.toSorted((a, b) => Math.max(b.blocked, b.down) - Math.max(a.blocked, a.down))[0]
  if (!decisive || Math.max(decisive.blocked, decisive.down) < 0.4)
    return withoutTrouble(
      scene,
      plane,
      first?.id,
      hits.map(({ hit }) => hit),
    )

  const evidence = hits
    .toSorted((a, b) => b.blocked - a.blocked)
    .map(({ hit, blocked, down }) => evidenceOf(hit, Math.max(blocked, down) >= 0.4))
  const { hit } = decisive
  if (hit.kind)
    return {
      plane,
      kind: hit.kind,
      mechanisms: [],
      confidence: round(Math.max(decisive.blocked, decisive.down)),
      word: wordFor(Math.max(decisive.blocked, decisive.down)),
      place: hit.place,
      evidence,
    }
  if (decisive.down > decisive.blocked) {
    return {
      plane,
      kind: 'service_fault',
      mechanisms: [],
      confidence: round(decisive.down),
      word: wordFor(decisive.down),
      place: 'service',
      evidence,
    }
  }
  const named = new Set<Mechanism>(hits.flatMap(({ hit: other, blocked }) => (other.mechanism && blocked >= 0.4 ? [other.mechanism] : [])))
  return {
    plane,
    kind: 'interference',
    // By depth, name lookup first, as the contract lists them.
    mechanisms: allMechanisms.filter((mechanism) => named.has(mechanism)),
    confidence: round(decisive.blocked),
    word: wordFor(decisive.blocked),
    place: hit.place,
    evidence,
  }
}

/** Nothing counts against the plain path: it is fine if it proved itself and has not fallen silent since; else nobody knows yet. */
function withoutTrouble(scene: Scene, plane: Plane, first: string | undefined, hits: readonly RuleHit[]): Finding {
  const success =
    plane === 'chat'
      ? targetsOf(scene.hello, plane).filter((run) => run.last.outcome.kind === 'proven')
      : targetsOf(scene.tls, plane).filter((run) => run.last.outcome.kind === 'established')
  const newest = success
    .filter(({ last }) => last.endpoint === first && last.source !== 'proxy' && (last.t === 'hello' || last.sni !== null))
    .toSorted((a, b) => b.last.at - a.last.at)[0]
  const discarded = hits.map((hit) => evidenceOf(hit, false))
  const silentSince =
    newest &&
    [...targetsOf(scene.tcp, plane), ...targetsOf(scene.tls, plane), ...targetsOf(scene.hello, plane)].some(
      ({ last }) => last.endpoint === first && last.source !== 'proxy' && last.outcome.kind === 'timeout' && last.at > newest.last.at,
    )
  if (!newest || silentSince)
    return { plane, kind: 'inconclusive', mechanisms: [], confidence: 0, word: 'none', place: null, evidence: discarded }
  const facts = { address: newest.last.address }
  const proof =
    plane === 'chat'
      ? line('H0', 'hello', 'hello-proven', facts, 'none', newest.last.at)
      : line('S0', 'tls', 'site-proven', facts, 'none', newest.last.at)
  return { plane, kind: 'ok', mechanisms: [], confidence: 0.95, word: 'confirmed', place: null, evidence: [proof, ...discarded] }
}

/** detection.md 5.3: what is missing lowers, what agrees raises, and nothing passes its ceiling. */
function confidence(scene: Scene, hit: RuleHit, weight: number): number {
  // A proof needs no comparison: authenticated TLS is its own control (detection.md, 1.1)
  const compared = hit.proof || hit.control !== 'none'
  const { relayAlive } = scene.context
  let value = weight * (compared ? 1 : 0.7) * (hit.repeats > 1 || hit.kind ? 1 : 0.8)
  if (relayAlive && hit.weights.blocked > hit.weights.down) value += 0.05
  let ceiling: number = CEILING.always
  if (!compared && !hit.kind) ceiling = Math.min(ceiling, CEILING.withoutControl)
  if (hit.repeats < 2 && !hit.kind) ceiling = Math.min(ceiling, CEILING.withoutRepetition)
  if (!relayAlive && !hit.proof) ceiling = Math.min(ceiling, CEILING.withoutVantageOrProof)
  // An unexpected answer alone is what a rotating CDN gives too: never above suspected.
  if (hit.rule === 'D10') ceiling = Math.min(ceiling, CEILING.whileUnsettled)
  if (hit.timing && scene.local && scene.local.settledMs + (scene.context.now - scene.local.at) < QUIET_MS)
    ceiling = Math.min(ceiling, CEILING.whileUnsettled)
  return Math.min(value, ceiling)
}

function evidenceOf(hit: RuleHit, scored: boolean): EvidenceLine {
  return line(hit.rule, hit.layer, hit.code, hit.facts, hit.control, hit.at, scored ? 'scored' : 'discarded')
}

function line(
  rule: string,
  layer: EvidenceLine['layer'],
  code: EvidenceCode,
  facts: EvidenceLine['facts'],
  control: ControlCode,
  at: number,
  level: EvidenceLine['level'] = 'scored',
): EvidenceLine {
  return { rule, layer, code, facts, control, level, at }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
