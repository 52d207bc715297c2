/**
 * Decides what the censors on the way do to a packet. Holds the rules in force and, for each flow, what they saw of that
 * flow alone; only a rule with residual memory remembers anything across flows.
 */
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import { type Range, range } from '../engine/address.ts'
import { createFlowReader } from './flow-reader.ts'
import type { Act, Rule } from './rule.ts'

/** Whose packet this is and where to; all a rule may match on apart from the bytes. */
export interface Way {
  readonly who: string
  /** Its own address. */
  readonly from: string
  readonly place: string | null
  readonly provider: string
  readonly to: string
  readonly toProvider: string | null
  readonly port: number
}

export type Judgement =
  | { readonly t: 'pass' }
  /** Lost without a word; the sender's stack will try again. */
  | { readonly t: 'drop'; readonly rule: Rule }
  /** Passed on so much later. */
  | { readonly t: 'slow'; readonly rule: Rule; readonly ms: number }
  | {
      readonly t: 'act'
      readonly rule: Rule
      readonly act: Extract<Act, { do: 'reset' | 'close' | 'unreachable' | 'blockpage' | 'intercept' }>
    }

export type DnsAct = Extract<Act, { do: 'lie' | 'inject' | 'silence' | 'drop' }>

/** One flow, as the boxes on its way know it. */
export interface Watch {
  syn(): Judgement
  segment(direction: 'up' | 'down', bytes: Uint8Array): Judgement
}

export interface Judge {
  readonly rules: readonly Rule[]
  add(rule: Rule, by: 'scenario' | 'you'): void
  /** True if it was in force. */
  remove(id: string): boolean
  byOf(id: string): 'scenario' | 'you'
  /** `draws`: of this flow alone; else all flows draw from one. */
  watch(way: Way, draws?: Random): Watch
  /** A question on its way to a resolver by UDP. */
  onPath(way: Way, name: string): { readonly rule: Rule; readonly act: DnsAct } | null
  /** What the resolver standing at `provider` was told to do about a name. */
  atResolver(provider: string, way: Way, name: string): { readonly rule: Rule; readonly act: DnsAct } | null
  /** Any datagram that is not a question: dropped by rules on addresses. */
  datagram(way: Way): Judgement
}

interface Known {
  readonly rule: Rule
  readonly by: 'scenario' | 'you'
  readonly to: readonly Range[] | null
  readonly allowed: readonly Range[]
  /** Needs bytes of the client to decide. */
  readonly reads: boolean
}

const pass: Judgement = { t: 'pass' }
/** What a policer lets through at once. */
const BURST_BYTES = 16_384

export function createJudge(clock: Clock, random: Random): Judge {
  let known: Known[] = []
  /** Penalty boxes: flow triple -> rule and its end. */
  const residues = new Map<string, { readonly known: Known; readonly until: number }>()

  const standsHere = ({ rule, to }: Known, way: Way, boxAt: string) => {
    const { match } = rule
    return (
      (!match.providers || match.providers.includes(boxAt)) &&
      (!match.places || (way.place !== null && match.places.includes(way.place))) &&
      (!match.ports || match.ports.includes(way.port)) &&
      (!match.toProviders || (way.toProvider !== null && match.toProviders.includes(way.toProvider))) &&
      (!to || to.some((each) => each.has(way.to)))
    )
  }
  const isForDns = ({ rule }: Known) => rule.match.names !== undefined
  const inForce = (each: Known) => known.includes(each)

  const dnsRule = (boxAt: string, way: Way, name: string, acts: readonly DnsAct['do'][]) => {
    for (const each of known) {
      const { act, match } = each.rule
      if (!match.names?.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))) continue
      if (!isDnsAct(act) || !acts.includes(act.do) || !standsHere(each, way, boxAt)) continue
      if (lot(`${way.from}|${each.rule.id}`) < each.rule.share) return { rule: each.rule, act }
    }
    return null
  }

  return {
    get rules() {
      return known.map((each) => each.rule)
    },
    add(rule, by) {
      const { match, act } = rule
      known = known.filter((each) => each.rule.id !== rule.id)
      known.push({
        rule,
        by,
        to: match.to?.map(range) ?? null,
        allowed: act.do === 'allowlist' ? act.prefixes.map(range) : [],
        reads: match.sni !== undefined || match.host !== undefined || match.payload !== undefined || act.do === 'blockpage',
      })
    },
    remove(id) {
      const before = known.length
      known = known.filter((each) => each.rule.id !== id)
      for (const [key, residue] of residues) if (residue.known.rule.id === id) residues.delete(key)
      return known.length < before
    },
    byOf: (id) => known.find((each) => each.rule.id === id)?.by ?? 'scenario',
    onPath: (way, name) => dnsRule(way.provider, way, name, ['inject', 'silence', 'drop']),
    atResolver: (provider, way, name) => dnsRule(provider, way, name, ['lie']),
    datagram(way) {
      for (const each of known) {
        if (each.reads || isForDns(each) || !standsHere(each, way, way.provider)) continue
        if (each.rule.act.do === 'drop') return { t: 'drop', rule: each.rule }
        if (each.rule.act.do === 'allowlist' && !each.allowed.some((one) => one.has(way.to))) return { t: 'drop', rule: each.rule }
      }
      return pass
    },
    watch(way, draws = random) {
      const key = `${way.from}|${way.to}|${way.port}`
      const drawn = new Map<Known, boolean>()
      const applies = (each: Known) => {
        let draw = drawn.get(each)
        if (draw === undefined) {
          draw = each.rule.share >= 1 || draws.fraction() < each.rule.share
          drawn.set(each, draw)
        }
        return draw
      }
      const reader = createFlowReader()
      const buckets = { up: createBucket(clock), down: createBucket(clock) }
      let stuck: Known | null = null
      let seen = 0

      const fire = (each: Known, onSyn: boolean, direction: 'up' | 'down', bytes: number): Judgement => {
        const { rule } = each
        if (rule.residualMs !== undefined && each.reads) residues.set(key, { known: each, until: clock.monotonic() + rule.residualMs })
        switch (rule.act.do) {
          case 'drop':
            return { t: 'drop', rule }
          case 'allowlist':
            return each.allowed.some((one) => one.has(way.to)) ? pass : { t: 'drop', rule }
          case 'freeze':
            return !onSyn && seen > rule.act.afterBytes ? { t: 'drop', rule } : pass
          case 'throttle': {
            const ms = onSyn ? 0 : buckets[direction].delay(bytes, rule.act.kbps)
            return ms > 0 ? { t: 'slow', rule, ms } : pass
          }
          case 'intercept':
            return onSyn ? { t: 'act', rule, act: rule.act } : pass
          case 'unreachable':
          case 'reset':
          case 'close':
          case 'blockpage':
            return { t: 'act', rule, act: rule.act }
          default:
            return pass
        }
      }

      return {
        syn() {
          const residue = residues.get(key)
          if (residue && residue.until > clock.monotonic()) return fire(residue.known, true, 'up', 0)
          residues.delete(key)
          for (const each of known) {
            if (each.reads || isForDns(each) || !standsHere(each, way, way.provider) || !applies(each)) continue
            const judgement = fire(each, true, 'up', 0)
            if (judgement.t !== 'pass') return judgement
          }
          return pass
        },
        segment(direction, bytes) {
          seen += bytes.length
          if (direction === 'up') reader.feed(bytes)
          if (stuck && !inForce(stuck)) stuck = null
          if (stuck) return fire(stuck, false, direction, bytes.length)
          for (const each of known) {
            if (isForDns(each) || !standsHere(each, way, way.provider) || !applies(each)) continue
            if (each.reads) {
              if (direction !== 'up' || !reader.matches(each.rule)) continue
              stuck = each
            }
            const judgement = fire(each, false, direction, bytes.length)
            if (judgement.t !== 'pass') return judgement
          }
          return pass
        },
      }
    },
  }
}

function isDnsAct(act: Act): act is DnsAct {
  return act.do === 'lie' || act.do === 'inject' || act.do === 'silence' || act.do === 'drop'
}

/** A token bucket. What a policer drops comes again, so the outcome for a stream is waiting for tokens. */
function createBucket(clock: Clock) {
  let tokens = BURST_BYTES
  let at = clock.monotonic()
  return {
    delay(bytes: number, kbps: number): number {
      const now = clock.monotonic()
      tokens = Math.min(BURST_BYTES, tokens + ((now - at) * kbps) / 8) - bytes
      at = now
      return tokens >= 0 ? 0 : (-tokens * 8) / kbps
    },
  }
}

/** The same draw for the same client and rule, in [0, 1): FNV-1a. */
function lot(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0) / 4_294_967_296
}
