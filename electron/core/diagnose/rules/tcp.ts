/** Reaching an address: silence, refusal, unreachability, told apart by what strangers' addresses and somebody elsewhere meet at the same time. */
import ipaddr from 'ipaddr.js'
import type { Plane } from '../../../../shared/contract/path.ts'
import { isBriefSilence, type Run } from '../history.ts'
import type { TcpObservation } from '../observation.ts'
import {
  CONTROL_WINDOW_MS,
  endOf,
  isBrokenV6,
  isForged,
  isFromThere,
  isLongSilence,
  othersAnswer,
  type Row,
  rowOf,
  type Scene,
  seenFromElsewhere,
  silentStrangers,
  targetsOf,
} from '../scene.ts'
import type { RuleHit } from './hit.ts'

export function tcpHits(scene: Scene, plane: Plane): readonly RuleHit[] {
  const own = targetsOf(scene.tcp, plane).filter((run) => run.last.source === 'bundle' && !isBrokenV6(scene, run.last))
  const failing = own.filter(
    (run) => run.last.outcome.kind !== 'connected' && (run.last.outcome.kind !== 'timeout' || isLongSilence(scene, run.last.ms)),
  )
  return failing.flatMap((run) => {
    // Two silent addresses of one provider are two tries of the same question.
    const alike = failing.filter(({ last }) => last.provider === run.last.provider && last.outcome.kind === run.last.outcome.kind)
    const addresses = new Set(alike.map(({ last }) => last.address))
    const repeats = [...addresses].reduce((sum, address) => sum + triesAt(scene, address, run.last.outcome.kind), 0)
    return judge(scene, run, repeats) ?? []
  })
}

/** Tries of two planes at one moment are one try. */
const APART_MS = 150

/** How often in a row it came out so at one address, for whichever plane. */
function triesAt({ tcp }: Scene, address: string, kind: TcpObservation['outcome']['kind']): number {
  const hasOpened = ({ at }: TcpObservation) =>
    tcp.some(({ last }) => last.address === address && last.outcome.kind === 'connected' && last.source !== 'proxy' && last.at > at)
  const open = openedAt(tcp, address)
  const rows = tcp
    .filter(({ last }) => last.role === 'target' && last.source === 'bundle' && last.address === address && last.outcome.kind === kind)
    .filter(({ last }) => !(isBriefSilence(last) && hasOpened(last)))
    .map(({ repeats, all }) => all.slice(-repeats).flatMap(({ at }) => (kind !== 'timeout' || at > open ? [at] : [])))
    .toSorted((a, b) => b.length - a.length)
  const counted: number[] = []
  for (const row of rows) {
    const before = [...counted]
    counted.push(...row.filter((at) => before.every((other) => Math.abs(other - at) >= APART_MS)))
  }
  return counted.length
}

/** Whoever drops does it to every plane: when anything last began there that came about. */
function openedAt(tcp: Scene['tcp'], address: string): number {
  const there = tcp.filter(({ last }) => last.role === 'target' && last.source !== 'proxy' && last.address === address)
  return Math.max(0, ...there.flatMap(({ all }) => all.filter(({ outcome }) => outcome.kind === 'connected').map(({ at }) => at)))
}

function judge(scene: Scene, run: Run<TcpObservation>, repeats: number): RuleHit | null {
  const seen = run.last
  const open = seen.outcome.kind === 'timeout' ? openedAt(scene.tcp, seen.address) : 0
  if (seen.at <= open) return null
  const { since, until } = rowOf(run)
  const row = { since: Math.max(since, open), until }
  const others = othersAnswer(scene, row, seen.provider)
  const { outcome: elsewhere, isPending } = seenFromElsewhere(scene, seen, row)
  const base = {
    layer: 'tcp',
    place: 'way',
    endpoint: seen.endpoint,
    repeats,
    inARow: triesAt(scene, seen.address, seen.outcome.kind),
    proof: false,
    at: seen.at,
    facts: { address: seen.address, port: seen.port, provider: seen.provider, ms: Math.round(seen.ms) },
    control: others ?? 'none',
  } as const
  if (isForged(scene, seen)) {
    return {
      ...base,
      rule: 'T3f',
      weights: { blocked: 0.95, down: 0, ok: 0.05 },
      mechanism: 'ip_reset',
      timing: false,
      proof: true,
      code: 'tcp-refused-too-soon',
      control: 'answers-take-longer',
    }
  }
  if (elsewhere && elsewhere.kind !== 'established' && elsewhere.kind !== 'certificate' && seen.outcome.kind !== 'connected') {
    // It does not matter from where one looks, so the service is the likelier cause.
    return {
      ...base,
      rule: 'T7',
      weights: { blocked: 0.15, down: 0.85, ok: 0 },
      mechanism: null,
      place: 'service',
      timing: false,
      code: 'service-fails-elsewhere-too',
      control: 'fails-from-elsewhere',
    }
  }
  const isOpen = elsewhere?.kind === 'established'
  const known = isOpen ? { proof: true, control: 'answers-from-elsewhere' as const } : { isPending }
  switch (seen.outcome.kind) {
    case 'connected':
      return null
    case 'timeout': {
      const reach = rangeOf(scene, seen, row)
      if (reach && others) {
        return {
          ...base,
          ...known,
          rule: 'T6',
          weights: { blocked: 0.9, down: 0.1, ok: 0 },
          mechanism: 'prefix_block',
          timing: true,
          code: reach.strangers > 0 ? 'tcp-range-silent' : 'tcp-ours-in-range-silent',
          control: reach.strangers > 0 ? 'strangers-silent-too' : 'other-range-answers',
          facts: { ...base.facts, ...reach },
        }
      }
      const weights = others || isOpen ? { blocked: 0.85, down: 0.15, ok: 0 } : { blocked: 0.4, down: 0.4, ok: 0 }
      return {
        ...base,
        ...known,
        rule: 'T5',
        weights: isTurnedAway(scene, seen) ? { blocked: 0.3, down: 0.3, ok: 0 } : weights,
        mechanism: 'ip_drop',
        timing: true,
        code: 'tcp-silent',
      }
    }
    case 'refused':
    case 'reset': {
      // Whether a refusal is forged cannot be seen from here unless the service is known to be up, nor where the service itself could have sent it.
      const isUp = isOpen || scene.context.relayAlive
      const isLate = isFromThere(scene, seen)
      const weights =
        isUp && !isLate
          ? { blocked: 0.9, down: 0.1, ok: 0 }
          : isOpen
            ? { blocked: 0.55, down: 0.45, ok: 0 }
            : { blocked: 0.45, down: 0.55, ok: 0 }
      return {
        ...base,
        ...known,
        proof: isOpen && !isLate,
        rule: 'T3',
        weights,
        place: weights.down > weights.blocked ? 'service' : 'way',
        mechanism: 'ip_reset',
        timing: false,
        code: 'tcp-refused',
      }
    }
    case 'unreachable':
      return {
        ...base,
        ...known,
        rule: 'T4',
        weights: others || isOpen ? { blocked: 0.8, down: 0.2, ok: 0 } : { blocked: 0.3, down: 0.3, ok: 0 },
        mechanism: 'ip_unreachable',
        timing: false,
        code: 'tcp-unreachable',
      }
    case 'failed':
      return null
  }
}

/** A refusal that came so shortly before was still of the time before. */
const MEANWHILE_MS = 500

/** Who drops does so each time: where somebody is refused meanwhile by the place itself, there is a crowd, or a machine that comes and goes. */
function isTurnedAway(scene: Scene, seen: TcpObservation): boolean {
  return scene.tcp
    .flatMap(({ all }) => all)
    .some(
      (o) =>
        o.outcome.kind === 'refused' &&
        o.role === 'target' &&
        sameRange(o.address, seen.address) &&
        isFromThere(scene, o) &&
        endOf(o) >= seen.at - MEANWHILE_MS,
    )
}

/** Our own addresses around one, in the smallest range that is announced to the world (/24, /48): so many silent, none alive. */
const OWN_IN_RANGE = 3

/** A whole range is silent: strangers in the same cloud with us, or all of ours in it, whichever plane they serve; `null`: it is not. */
function rangeOf(scene: Scene, seen: TcpObservation, { since }: Row): { strangers: number; addresses: number } | null {
  const strangers = silentStrangers(scene, seen.provider, seen.at)
  const inRange = scene.tcp
    .map(({ last }) => last)
    .filter((o) => o.source !== 'proxy' && sameRange(o.address, seen.address) && Math.abs(o.at - seen.at) < CONTROL_WINDOW_MS)
  const silent = new Set(inRange.filter(({ outcome }) => outcome.kind === 'timeout').map(({ address }) => address))
  const alive = inRange.some((o) => o.outcome.kind === 'connected' && endOf(o) >= since)
  if (alive) return null
  return strangers > 0 || silent.size >= OWN_IN_RANGE ? { strangers, addresses: silent.size } : null
}

function sameRange(a: string, b: string): boolean {
  if (!ipaddr.isValid(a) || !ipaddr.isValid(b)) return false
  const [one, other] = [ipaddr.parse(a), ipaddr.parse(b)]
  return one.kind() === other.kind() && one.match(other, one.kind() === 'ipv4' ? 24 : 48)
}
