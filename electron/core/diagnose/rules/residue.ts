/**
 * What a cut by name leaves behind: for a while whoever said the name connects no more, or only now and then (residual blocking,
 * detection.md 1.2). It labels refusals and silence that would else look like a block of the address, and says when it was over. Of the plane whose
 * name was cut it blames nobody by itself; for another plane at that address it names the box as a suspicion, for its own name may never get so far.
 */
import type { Plane } from '../../../../shared/contract/path.ts'
import { byEnd } from '../history.ts'
import type { TcpObservation, TlsObservation } from '../observation.ts'
import { endOf, type Scene, targetsOf } from '../scene.ts'
import type { RuleHit } from './hit.ts'

/** Documented are 60 to 180 s; the looks that find it over come a minute apart. */
const LONGEST_MS = 360_000
/** Such a box lets a half or a quarter of all tries through; so many in a row are no chance any more. */
const OPEN_IN_A_ROW = 3
const NOTHING = { blocked: 0, down: 0, ok: 0 } as const
const SUSPICION = { blocked: 0.5, down: 0.2, ok: 0.3 } as const

export function residueHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  const direct = targetsOf(scene.tcp, plane).filter(({ last }) => last.source !== 'proxy')
  return direct.flatMap(({ last, all }) => judge(scene, plane, last.address, all) ?? [])
}

function judge(scene: Scene, plane: Plane, address: string, connects: readonly TcpObservation[]): RuleHit | null {
  const own = firstCut(scene, address, (o) => o.plane === plane)
  const cut = own ?? firstCut(scene, address, () => true)
  if (!cut) return null
  const since = connects.filter((o) => o.at >= cut.at && o.at - cut.at < LONGEST_MS).toSorted(byEnd)
  const wasOpen = connects.some((o) => o.outcome.kind === 'connected' && o.at <= cut.at)
  const closed = since.findIndex(({ outcome }) => outcome.kind !== 'connected')
  const first = since[closed]
  if (!wasOpen || !first) return null
  const lastClosed = since.findLastIndex(({ outcome }) => outcome.kind !== 'connected')
  const open = since.length - 1 - lastClosed >= OPEN_IN_A_ROW ? since[lastClosed + 1] : undefined
  const isSuspected = !own && !open
  return {
    rule: 'S1r',
    layer: 'tcp',
    weights: isSuspected ? SUSPICION : NOTHING,
    mechanism: isSuspected ? (cut.outcome.kind === 'reset' ? 'sni_reset' : 'sni_close') : null,
    place: 'way',
    endpoint: first.endpoint,
    code: open ? 'address-open-again' : 'address-closed-since-name',
    facts: { address, sni: cut.sni ?? '', ms: Math.round(endOf(open ?? since[lastClosed] ?? first) - endOf(cut)) },
    control: 'other-name-passes',
    repeats: since.filter(({ outcome }) => outcome.kind !== 'connected').length,
    timing: false,
    proof: false,
    at: (open ?? first).at,
  }
}

/** The first time that a name was cut at an address where something without it, or under another, was let through. */
function firstCut(scene: Scene, address: string, isMeant: (o: TlsObservation) => boolean): TlsObservation | null {
  const there = scene.tls.filter(({ last }) => last.role === 'target' && last.address === address && last.source !== 'proxy')
  const cuts = there
    .flatMap(({ all }) => all)
    .filter((o) => isMeant(o) && o.sni !== null && isCut(o) && scene.context.now - o.at < LONGEST_MS)
    .toSorted(byEnd)
  const isByName = there.some(({ all }) =>
    all.some((o) => o.sni !== cuts[0]?.sni && o.outcome.kind === 'established' && o.at >= (cuts[0]?.at ?? 0)),
  )
  return isByName ? (cuts[0] ?? null) : null
}

const isCut = ({ outcome }: TlsObservation) => outcome.kind === 'reset' || outcome.kind === 'closed'
