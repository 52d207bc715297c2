/**
 * What the line has to show, as data: which stretch carries, where it is cut, and what goes around. Pure: from the path's
 * state to strokes and stops. Knows no pixels (line-layout.ts) and no words (line-words.ts).
 */
import {
  type ConfidenceWord,
  type Mechanism,
  type PathState,
  type Place,
  type Plane,
  planes,
  type Verdict,
  type VerdictKind,
} from '../../../../shared/contract/path.ts'
import { assertNever } from '../../../../shared/util/assert-never.ts'

export type StopId = 'you' | 'network' | 'wayout' | 'relay'
export type SegmentId = 'you-network' | 'network-wayout' | 'wayout-relay'
/** `beyond` lies behind a cut; `refused` is where something answered and we did not trust it. */
export type Stroke = 'plain' | 'cut' | 'undecided' | 'slowed' | 'refused' | 'beyond'
export type DetourKind = 'address' | 'disguise' | 'sibling' | 'proxy'

export interface Segment {
  readonly id: SegmentId
  readonly from: StopId
  readonly to: StopId
  readonly stroke: Stroke
}

export interface Trouble {
  readonly segment: SegmentId
  readonly stroke: Exclude<Stroke, 'plain' | 'beyond'>
  /** Whether the mark stands at the segment's beginning, or at the door of the stop where it ends. */
  readonly at: 'start' | 'end'
  readonly kind: VerdictKind
  readonly mechanism: Mechanism | null
  readonly word: ConfidenceWord
}

export interface Lookup {
  readonly state: 'plain' | 'false' | 'silent' | 'unreached'
  readonly word: ConfidenceWord
  /** Another lookup, further out, is asked instead. */
  readonly instead: boolean
}

export interface Detour {
  readonly kind: DetourKind
  readonly state: 'carrying' | 'trying'
}

export interface Stop {
  readonly id: StopId
  readonly state: 'reached' | 'unknown' | 'beyond' | 'faulty' | 'busy' | 'refusing'
}

export interface LineModel {
  readonly plane: Plane
  readonly status: PathState['status']
  readonly stops: readonly Stop[]
  readonly segments: readonly Segment[]
  readonly trouble: Trouble | null
  readonly lookup: Lookup
  readonly detour: Detour | null
}

type Spot = Pick<Trouble, 'segment' | 'stroke' | 'at'>
type ModelInput = Pick<PathState, 'status' | 'route' | 'verdicts' | 'attempts'>

const trunk = [
  { id: 'you-network', from: 'you', to: 'network' },
  { id: 'network-wayout', from: 'network', to: 'wayout' },
  { id: 'wayout-relay', from: 'wayout', to: 'relay' },
] as const

const lookupMechanisms: ReadonlySet<Mechanism> = new Set(['dns_lie', 'dns_injection', 'dns_nxdomain', 'dns_silence', 'dns_bogon'])
const slowing: ReadonlySet<Mechanism> = new Set(['sni_throttle', 'rate_limit', 'byte_freeze', 'selective_media'])
const impostors: ReadonlySet<Mechanism> = new Set(['tls_mitm', 'http_blockpage'])

const segmentOfPlace: Readonly<Record<Place, SegmentId>> = {
  device: 'you-network',
  network: 'network-wayout',
  resolver: 'network-wayout',
  way: 'wayout-relay',
  service: 'wayout-relay',
}

/** The mechanism that decides how the trunk is drawn; trouble of the lookup alone leaves the trunk whole. */
function trunkMechanism(verdict: Verdict): Mechanism | null {
  const onTrunk = verdict.mechanisms.filter((mechanism) => !lookupMechanisms.has(mechanism))
  return onTrunk.find((mechanism) => mechanism !== 'selective_media') ?? onTrunk[0] ?? null
}

function interferenceSpot(verdict: Verdict): Spot | null {
  const mechanism = trunkMechanism(verdict)
  if (mechanism === null) return null
  if (mechanism === 'possible_shutdown') return { segment: 'network-wayout', stroke: 'cut', at: 'start' }
  const place = verdict.place === 'resolver' || verdict.place === null ? 'way' : verdict.place
  const stroke = slowing.has(mechanism) ? 'slowed' : impostors.has(mechanism) ? 'refused' : 'cut'
  return { segment: segmentOfPlace[place], stroke, at: place === 'service' ? 'end' : 'start' }
}

function spotOf(verdict: Verdict): Spot | null {
  switch (verdict.kind) {
    case 'ok':
      return null
    case 'offline':
      return {
        segment: verdict.place === 'network' || verdict.place === 'way' ? 'network-wayout' : 'you-network',
        stroke: 'cut',
        at: 'start',
      }
    case 'captive_portal':
      return { segment: 'network-wayout', stroke: 'cut', at: 'start' }
    case 'local_filter':
      return { segment: 'you-network', stroke: 'refused', at: 'start' }
    case 'clock_wrong':
      return { segment: 'wayout-relay', stroke: 'refused', at: 'end' }
    case 'ipv6_broken':
      return { segment: 'network-wayout', stroke: 'slowed', at: 'start' }
    case 'service_fault':
    case 'server_side_denial':
      return { segment: 'wayout-relay', stroke: 'cut', at: 'end' }
    case 'overload':
      return { segment: 'wayout-relay', stroke: 'slowed', at: 'end' }
    case 'degraded':
      return { segment: segmentOfPlace[verdict.place ?? 'network'], stroke: 'slowed', at: 'start' }
    case 'interference':
      return interferenceSpot(verdict)
    case 'inconclusive':
      return { segment: segmentOfPlace[verdict.place ?? 'way'], stroke: 'undecided', at: 'start' }
    default:
      return assertNever(verdict.kind)
  }
}

function lookupOf(verdict: Verdict | undefined, offline: boolean): Lookup {
  const named = verdict?.mechanisms.filter((mechanism) => lookupMechanisms.has(mechanism)) ?? []
  if (!verdict || named.length === 0) return { state: offline ? 'unreached' : 'plain', word: 'none', instead: false }
  return {
    state: named.every((mechanism) => mechanism === 'dns_silence') ? 'silent' : 'false',
    word: verdict.word,
    instead: verdict.actions.includes('other-lookup'),
  }
}

function detourOf(path: ModelInput, plane: Plane, verdict: Verdict | undefined, trouble: Trouble | null): Detour | null {
  if (plane !== 'chat') {
    const kind = verdict === undefined ? null : detourOfActions(verdict.actions)
    return kind === null ? null : { kind, state: 'carrying' }
  }
  if (path.status === 'connected' && path.route !== null) {
    if (path.route.kind === 'plain') return null
    // A bundled address on the usual way is only a skipped lookup, unless the usual way itself is in trouble.
    const onlyLookup = trouble === null && verdict?.kind === 'interference'
    return onlyLookup && path.route.kind === 'address' ? null : { kind: path.route.kind, state: 'carrying' }
  }
  if (path.status !== 'looking') return null
  const tried = path.attempts.filter((attempt) => attempt.outcome === 'running').map((attempt) => attempt.kind)
  const kind = (['address', 'disguise', 'sibling', 'proxy'] as const).find((candidate) => tried.includes(candidate))
  return kind === undefined ? null : { kind, state: 'trying' }
}

function detourOfActions(actions: readonly string[]): DetourKind | null {
  if (actions.includes('proxy')) return 'proxy'
  if (actions.includes('sibling')) return 'sibling'
  if (actions.includes('disguise')) return 'disguise'
  return actions.includes('other-address') ? 'address' : null
}

function troubleOf(path: ModelInput, plane: Plane, verdict: Verdict | undefined): Trouble | null {
  const fallback = { mechanism: null, word: 'none' } as const
  if (path.status === 'offline' && (verdict === undefined || verdict.kind === 'ok')) {
    return { segment: 'you-network', stroke: 'cut', at: 'start', kind: 'offline', ...fallback }
  }
  const spot = verdict === undefined ? null : spotOf(verdict)
  if (spot !== null && verdict !== undefined) return { ...spot, kind: verdict.kind, mechanism: trunkMechanism(verdict), word: verdict.word }
  if (plane !== 'chat') return null
  const causeOpen = path.status === 'connected' && path.route !== null && path.route.kind !== 'plain' && verdict?.kind !== 'interference'
  if (causeOpen) return { segment: 'wayout-relay', stroke: 'undecided', at: 'start', kind: 'inconclusive', ...fallback }
  if (path.status === 'looking') return { segment: 'network-wayout', stroke: 'undecided', at: 'start', kind: 'inconclusive', ...fallback }
  return null
}

function strokeOf(index: number, trouble: Trouble | null): Stroke {
  if (trouble === null) return 'plain'
  const at = trunk.findIndex((segment) => segment.id === trouble.segment)
  if (index < at) return 'plain'
  if (index === at) return trouble.stroke
  if (trouble.stroke === 'slowed') return 'plain'
  return trouble.stroke === 'undecided' ? 'undecided' : 'beyond'
}

function relayState(trouble: Trouble | null, carried: boolean): Stop['state'] {
  if (carried) return trouble?.kind === 'overload' ? 'busy' : 'reached'
  switch (trouble?.kind) {
    case undefined:
      return 'reached'
    case 'service_fault':
      return 'faulty'
    case 'overload':
      return 'busy'
    case 'server_side_denial':
      return 'refusing'
    default:
      return trouble?.stroke === 'slowed' ? 'reached' : trouble?.stroke === 'undecided' ? 'unknown' : 'beyond'
  }
}

function stopState(stroke: Stroke | undefined): Stop['state'] {
  if (stroke === 'undecided') return 'unknown'
  return stroke === 'plain' || stroke === 'slowed' || stroke === undefined ? 'reached' : 'beyond'
}

/** The plane whose line is shown where there is room for one: messages, unless only another one is in trouble. */
export function planeShown(path: ModelInput): Plane {
  return (['chat', ...planes] as const).find((plane) => !isPlain(lineModel(path, plane))) ?? 'chat'
}

/** A plane that nothing is known of yet is no reason to look at it. */
const isPlain = ({ plane, trouble, lookup, detour }: LineModel) =>
  (trouble === null || (plane !== 'chat' && trouble.kind === 'inconclusive')) && detour === null && lookup.state === 'plain'

/** The line of one plane, and nothing that concerns another. */
export function lineModel(path: ModelInput, plane: Plane = 'chat'): LineModel {
  const verdict = path.verdicts.find((candidate) => candidate.plane === plane)
  const trouble = troubleOf(path, plane, verdict)
  const detour = detourOf(path, plane, verdict, trouble)
  const segments = trunk.map((segment, index) => ({ ...segment, stroke: strokeOf(index, trouble) }))
  const carried = detour?.state === 'carrying' || (plane === 'chat' && path.status === 'connected')
  return {
    plane,
    status: path.status,
    stops: [
      { id: 'you', state: 'reached' },
      { id: 'network', state: stopState(segments[0]?.stroke) },
      { id: 'wayout', state: stopState(segments.slice(0, 2).find((segment) => segment.stroke !== 'plain')?.stroke) },
      { id: 'relay', state: relayState(trouble, carried) },
    ],
    segments,
    trouble,
    lookup: lookupOf(verdict, segments[0]?.stroke === 'cut'),
    detour,
  }
}
