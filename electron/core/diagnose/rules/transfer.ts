/** Throughput: a rate or a number of bytes at which one kind of traffic ends, beside what the same line carries otherwise (detection.md 5.5). */
import type { Plane } from '../../../../shared/contract/path.ts'
import { byEnd } from '../history.ts'
import { isPoor } from '../line.ts'
import type { TransferObservation } from '../observation.ts'
import { CONTROL_WINDOW_MS, endOf, median, type Scene } from '../scene.ts'
import type { RuleHit } from './hit.ts'

/** What documented policing leaves is well below, what people call slow as well. */
const SLOW_KBPS = 400
const RATIO = 0.25
/** Lost packets slow one sample and not the next: fewer say nothing of a limit, and on a line that is known to lose some the quickest counts (detection.md 5.5, 3 of 4 pairs). */
const LEAST = 3
/** And so many of others beside them: one may have been lucky. */
const LEAST_BESIDE = 2
/** Counted as content: handshake and headers are bytes too. */
const FREEZE_FROM = 8 * 1024
const FREEZE_TO = 32 * 1024

export function transferHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  const all = scene.transfer
    .flatMap((run) => run.all)
    .filter((o) => o.plane === plane && scene.context.now - o.at < CONTROL_WINDOW_MS && o.outcome.kind !== 'failed')
    .toSorted(byEnd)
  const newest = all.filter(({ role }) => role === 'target').at(-1)
  if (!newest || isFine(newest)) return []
  // What was before the last good one belongs to a trouble that is over.
  const since = Math.max(0, ...all.filter((o) => o.role === 'target' && isFine(o)).map(endOf))
  const targets = all.filter((o) => o.role === 'target' && o.at >= since)
  const controls = all.filter((o) => o.role === 'control' && o.at >= since)
  const sameServer = controls.filter(({ address }) => address === newest.address)
  const otherServer = controls.filter(({ address }) => address !== newest.address)
  const isLossy = isPoor(scene)
  // One of ours that is slow where others are not may have lost a packet or two.
  if (isLossy && controls.some(isFine) && targets.length < LEAST) return []
  const hit = judge(newest, targets, sameServer, otherServer, isLossy)
  return hit ? [hit] : []
}

export function isFine({ outcome, kbps }: TransferObservation): boolean {
  return outcome.kind === 'whole' && (kbps === null || kbps > SLOW_KBPS)
}

function judge(
  newest: TransferObservation,
  targets: readonly TransferObservation[],
  sameServer: readonly TransferObservation[],
  otherServer: readonly TransferObservation[],
  isLossy: boolean,
): RuleHit | null {
  const rates = targets.map(rateOf)
  // Whoever lost some packets was slow by that: where there is a limit, the quickest has met it too.
  const rate = Math.max(...rates)
  const best = (list: readonly TransferObservation[]) => (isLossy ? Math.max(...list.map(rateOf)) : median(list.map(rateOf)))
  const facts = {
    address: newest.address,
    bytes: newest.bytes,
    kbps: rate,
    ...(otherServer.length > 0 && { otherKbps: best(otherServer) }),
  }
  const base = {
    layer: 'transfer',
    place: 'way',
    endpoint: newest.endpoint,
    repeats: targets.length,
    timing: false,
    proof: false,
    at: newest.at,
    facts,
  } as const
  const isFaster = (list: readonly TransferObservation[]) => list.length > 0 && rate <= RATIO * best(list) && best(list) >= 2 * rate
  const frozen = targets.filter((o) => o.outcome.kind === 'stalled' && o.bytes >= FREEZE_FROM && o.bytes <= FREEZE_TO)
  if (frozen.length > 0 && frozen.length === targets.length) {
    if (frozen.length < LEAST) return null
    const finishes = [...sameServer, ...otherServer].some(({ outcome }) => outcome.kind === 'whole')
    return {
      ...base,
      rule: 'Q2',
      weights: finishes ? { blocked: 0.9, down: 0.05, ok: 0.05 } : { blocked: 0.6, down: 0.3, ok: 0.1 },
      mechanism: 'byte_freeze',
      code: 'transfer-stops',
      control: finishes ? 'other-transfer-finishes' : 'none',
    }
  }
  if (isFaster(sameServer) || isFaster(otherServer)) {
    if (targets.length < LEAST || sameServer.length + otherServer.length < LEAST_BESIDE) return null
    // That there is a limit is shown; whether it goes by the name, a smaller difference shows.
    const byName = sameServer.length > 0 && best(sameServer) >= 2 * rate
    return {
      ...base,
      rule: byName ? 'Q1n' : 'Q1',
      weights: { blocked: 0.85, down: 0.1, ok: 0.05 },
      mechanism: byName ? 'sni_throttle' : 'rate_limit',
      code: 'transfer-slow',
      control: byName ? 'other-name-faster' : 'other-transfer-faster',
    }
  }
  // Nothing to compare with yet, or everything is as slow: a poor line.
  return {
    ...base,
    rule: 'Q0',
    kind: 'degraded',
    weights: { blocked: 0, down: otherServer.length + sameServer.length > 0 ? 0.8 : 0.6, ok: 0 },
    mechanism: null,
    place: 'network',
    code: 'everything-slow',
    control: otherServer.length + sameServer.length > 0 ? 'other-transfers-slow-too' : 'none',
  }
}

/** kbit/s over all of it; what stalled carried nothing. */
export function rateOf({ kbps, bytes, ms, outcome }: TransferObservation): number {
  if (outcome.kind === 'stalled') return 0
  return kbps ?? Math.round((bytes * 8) / Math.max(1, ms))
}
