/** How sure: what is missing lowers, what agrees raises, and nothing passes its ceiling (detection.md 5.3, whose figures are proposals to be calibrated). */
import type { ConfidenceWord } from '../../../shared/contract/path.ts'
import { isPoor, silencesNeeded } from './line.ts'
import type { TcpObservation } from './observation.ts'
import type { RuleHit } from './rules/hit.ts'
import { type Scene, tripTo } from './scene.ts'

/** Right after a network change silence proves nothing yet (detection.md, gate 0). */
const QUIET_MS = 5000

/** One silence may be two lost packets on any line. */
const LEAST_NEEDED = 2

const CEILING = {
  withoutControl: 0.6,
  withoutRepetition: 0.8,
  withoutVantageOrProof: 0.84,
  suspected: 0.64,
  unsaid: 0.39,
  always: 0.99,
} as const

export function wordFor(confidence: number): ConfidenceWord {
  if (confidence >= 0.85) return 'confirmed'
  if (confidence >= 0.65) return 'likely'
  return confidence >= 0.4 ? 'suspected' : 'none'
}

export interface Scored {
  readonly hit: RuleHit
  readonly blocked: number
  readonly down: number
}

export function scored(scene: Scene, hit: RuleHit): Scored {
  return { hit, blocked: confidence(scene, hit, hit.weights.blocked), down: confidence(scene, hit, hit.weights.down) }
}

function confidence(scene: Scene, hit: RuleHit, weight: number): number {
  // A proof needs no comparison: authenticated TLS is its own control (detection.md, 1.1)
  const compared = hit.proof || hit.control !== 'none'
  const { relayAlive } = scene.context
  let value = weight * (compared ? 1 : 0.7) * (hit.repeats > 1 || hit.kind ? 1 : 0.8)
  if (relayAlive && hit.weights.blocked > hit.weights.down) value += 0.05
  let ceiling: number = CEILING.always
  if (!compared && !hit.kind) ceiling = Math.min(ceiling, CEILING.withoutControl)
  if (hit.repeats < 2 && !hit.kind) ceiling = Math.min(ceiling, CEILING.withoutRepetition)
  // One silence may be two lost packets.
  if (hit.repeats < 2 && hit.timing) ceiling = Math.min(ceiling, CEILING.suspected)
  // That the relay is reached elsewhere says nothing of the machine at this address.
  const isOfAddress = hit.layer === 'tcp' || hit.layer === 'tls'
  if ((!relayAlive || isOfAddress) && !hit.proof) ceiling = Math.min(ceiling, CEILING.withoutVantageOrProof)
  // Fewer silences than a line this poor gives by accident.
  const isThere = ({ provider }: TcpObservation) => provider === hit.facts.provider
  // Questions have no handshake around them, by which one would know how many were lost.
  const poor = isPoor(scene)
  const ms = typeof hit.facts.ms === 'number' ? hit.facts.ms : Number.POSITIVE_INFINITY
  const rttMs = typeof hit.facts.address === 'string' ? tripTo(scene, hit.facts.address) : null
  const needed = silencesNeeded(scene, isThere, { layer: hit.layer, ms, rttMs }) + (hit.layer === 'dns' && poor ? 1 : 0)
  // What befalls many things once is what a poor line does; a block does it to one thing each time.
  const silences = poor ? (hit.inARow ?? hit.repeats) : hit.repeats
  // On a good line another name that passed at the same place at the same time is as good as a second try.
  const isPaired = needed === 1 && hit.proof && hit.layer === 'tls'
  if (hit.timing && silences < Math.max(LEAST_NEEDED, needed) && !isPaired) ceiling = Math.min(ceiling, CEILING.unsaid)
  // An unexpected answer alone is what a rotating CDN gives too; one certificate for everybody, what its keeper may have mistaken.
  if (hit.rule === 'D10' || hit.rule === 'D8g' || hit.rule === 'S4r') ceiling = Math.min(ceiling, CEILING.suspected)
  if (hit.isPending && !hit.kind) ceiling = Math.min(ceiling, CEILING.suspected)
  if (hit.timing && scene.local && scene.local.settledMs + (scene.context.now - scene.local.at) < QUIET_MS)
    ceiling = Math.min(ceiling, CEILING.suspected)
  return Math.min(value, ceiling)
}

export function round(value: number): number {
  return Math.round(value * 100) / 100
}
