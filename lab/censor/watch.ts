/**
 * One flow, as the boxes on its way know it: what they read of it, what they count, what they drew for it. Which rules are in
 * force, and what reaches across flows, is judge.ts.
 */
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import { createFlowReader } from './flow-reader.ts'
import type { Judgement, Known, Watch, Way } from './judge.ts'
import { protocolOf } from './payload.ts'
import { createPolicer, type Policer } from './policer.ts'
import type { Act } from './rule.ts'

export interface WatchDeps {
  readonly clock: Clock
  readonly way: Way
  /** In their order. */
  inForce(): readonly Known[]
  /** Whether the box of this rule stands on this way and the rule is about it. */
  concerns(known: Known): boolean
  /** This flow's own sequence for a rule. */
  dice(known: Known): Random
  /** Somebody between these two fired a rule with residual memory not long ago, and this flow pays for it too. */
  residue(): Known | null
  leaveResidue(known: Known): void
}

type Direction = 'up' | 'down'
/** What a box holds of one flow for one rule. */
interface Held {
  readonly applies: boolean
  readonly fraction: number
  readonly policers: Readonly<Record<Direction, Policer>>
  /** Packets of the client that were none of the protocols; null: one was. */
  strange: number | null
  silentUntil: number
}

const pass: Judgement = { t: 'pass' }

/** What these do hangs on packets that went by before. */
const stateful: ReadonlySet<Act['do']> = new Set(['throttle', 'freeze', 'protocol'])

export function openWatch({ clock, way, inForce, concerns, dice, residue, leaveResidue }: WatchDeps): Watch {
  const flow = {}
  const reader = createFlowReader()
  const held = new Map<Known, Held>()
  const last: Record<Direction, Uint8Array | null> = { up: null, down: null }
  let stuck: Known | null = null
  let seen = 0

  /** Rules of boxes on this way, as long as the same are in force. */
  let rules: readonly Known[] = []
  let near: readonly Known[] = []
  const onTheWay = (): readonly Known[] => {
    const now = inForce()
    if (now !== rules) {
      rules = now
      near = now.filter(concerns)
    }
    return near
  }

  const needsState = (known: Known) => known.reads || stateful.has(known.rule.act.do)
  const of = (known: Known): Held => {
    let each = held.get(known)
    if (!each) {
      const random = dice(known)
      each = {
        applies: random.fraction() < known.rule.share,
        fraction: random.fraction(),
        policers: { up: createPolicer(clock), down: createPolicer(clock) },
        strange: 0,
        silentUntil: Number.NEGATIVE_INFINITY,
      }
      held.set(known, each)
      if (needsState(known)) known.table.enter(flow)
    }
    return each
  }
  const isAbout = (known: Known) => {
    const isKept = held.has(known) && needsState(known) ? known.table.keeps(flow) : true
    return isKept && of(known).applies
  }
  const drop = ({ rule }: Known): Judgement => ({ t: 'drop', rule })

  const police = (known: Known, kbps: number, direction: Direction, bytes: number): Judgement => {
    const policer = of(known).policers[direction]
    const retryMs = policer.wait(bytes, kbps)
    if (retryMs > 0) return { t: 'drop', rule: known.rule, retryMs }
    return policer.hadDropped() ? { t: 'slow', rule: known.rule, ms: 0 } : pass
  }
  /** Bock et al. 2020: two data packets to decide; then silence, which every further packet of the client renews. */
  const sift = (
    known: Known,
    act: Extract<Act, { do: 'protocol' }>,
    direction: Direction,
    bytes: Uint8Array,
    isNew: boolean,
  ): Judgement => {
    const each = of(known)
    const now = clock.monotonic()
    if (each.strange === null) return pass
    if (direction === 'up' && isNew && each.strange < 2) {
      const protocol = protocolOf(bytes)
      each.strange = protocol && act.allow.includes(protocol) ? null : each.strange + 1
      if (each.strange === 2) each.silentUntil = now + act.silenceMs
    }
    if (now >= each.silentUntil) return pass
    if (direction === 'up') each.silentUntil = now + act.silenceMs
    return drop(known)
  }

  const fireOnSyn = (known: Known): Judgement => {
    const { rule } = known
    switch (rule.act.do) {
      case 'drop':
        return drop(known)
      case 'allowlist':
        return known.allowed.some((one) => one.has(way.to)) ? pass : drop(known)
      case 'load': {
        if (known.flood && of(known).fraction < known.flood.refused()) return { t: 'act', rule, act: rule.act }
        const ms = known.flood?.waitMs() ?? 0
        return ms > 0 ? { t: 'slow', rule, ms } : pass
      }
      case 'intercept':
      case 'unreachable':
      case 'reset':
      case 'close':
      case 'blockpage':
        return { t: 'act', rule, act: rule.act }
      default:
        return pass
    }
  }
  const fire = (known: Known, direction: Direction, bytes: Uint8Array, isNew: boolean): Judgement => {
    const { rule } = known
    switch (rule.act.do) {
      case 'throttle':
        return police(known, rule.act.kbps, direction, bytes.length)
      case 'freeze': {
        const { afterBytes, upToBytes = afterBytes } = rule.act
        return seen > afterBytes + of(known).fraction * (upToBytes - afterBytes) ? drop(known) : pass
      }
      case 'protocol':
        return bytes.length > 0 || direction === 'down' ? sift(known, rule.act, direction, bytes, isNew) : pass
      case 'probe':
        if (direction === 'up' && bytes.length > 0) known.suspect(way, reader.first() ?? bytes)
        return pass
      case 'load': {
        const ms = direction === 'up' ? (known.flood?.waitMs() ?? 0) : 0
        return ms > 0 ? { t: 'slow', rule, ms } : pass
      }
      case 'intercept':
        return pass
      case 'reroute':
        // A machine that never heard of a connection resets it (RFC 9293 section 3.10.7.1).
        return way.rerouted === rule.id ? pass : { t: 'act', rule, act: { do: 'reset' } }
      default:
        return fireOnSyn(known)
    }
  }

  return {
    syn() {
      const paid = residue()
      if (paid) return fireOnSyn(paid)
      let crowd: Judgement = pass
      for (const known of onTheWay()) {
        if (known.blocks(way.to)) return drop(known)
        if (!isAbout(known) || known.reads) continue
        const judgement = fireOnSyn(known)
        if (known.flood) crowd = crowd.t === 'pass' ? judgement : crowd
        else if (judgement.t !== 'pass') return judgement
      }
      return crowd
    },
    segment(direction, bytes) {
      // The same bytes again are a retransmission.
      const isNew = bytes !== last[direction]
      last[direction] = bytes
      if (isNew) {
        seen += bytes.length
        if (direction === 'up') reader.feed(bytes)
      }
      if (stuck && !(inForce().includes(stuck) && stuck.table.keeps(flow))) stuck = null
      if (stuck) return fire(stuck, direction, bytes, isNew)
      // Whoever stands on the way has spoken before a crowd at the far end is met.
      let crowd: Judgement = pass
      for (const known of onTheWay()) {
        if (known.blocks(way.to)) return drop(known)
        if (!isAbout(known)) continue
        if (known.reads) {
          if (direction !== 'up' || !reader.matches(known.rule)) continue
          stuck = known
          leaveResidue(known)
        }
        const judgement = fire(known, direction, bytes, isNew)
        if (known.flood) crowd = crowd.t === 'pass' ? judgement : crowd
        else if (judgement.t !== 'pass') return judgement
      }
      return crowd
    },
    end() {
      for (const known of held.keys()) known.table.leave(flow)
    },
  }
}
