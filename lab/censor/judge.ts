/**
 * The rules in force, and what they remember across flows: penalty boxes, flows that fit a box's table, proxies that were found.
 * What is known of one flow is watch.ts.
 */
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import { type Range, range } from '../engine/address.ts'
import type { Question } from '../engine/dns-message.ts'
import type { Connect } from '../engine/engine.ts'
import { createFlood, type Flood } from './flood.ts'
import { createLots } from './lots.ts'
import { drawAddress } from './pool.ts'
import type { Act, Rule } from './rule.ts'
import { createStateTable, type StateTable } from './state-table.ts'
import { openWatch } from './watch.ts'

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
  /** The transit it leaves by; none between two that leave by the same. */
  readonly through?: string | null
  /** The rule that false routes led it astray by. */
  readonly rerouted?: string
}

/** Who did it: a rule, or a condition of the client's own premises. */
type Doer = Pick<Rule, 'id'>

export type Judgement =
  | { readonly t: 'pass' }
  /** Lost without a word; the sender's stack will try again. */
  | { readonly t: 'drop'; readonly rule: Doer /** It would pass in so long; otherwise nobody knows when. */; readonly retryMs?: number }
  /** Passed on so much later. */
  | { readonly t: 'slow'; readonly rule: Doer; readonly ms: number }
  /** Taken to somebody else, who answers in the other's name. */
  | { readonly t: 'divert'; readonly rule: Doer; readonly connect: Connect }
  | {
      readonly t: 'act'
      readonly rule: Doer
      readonly act: Extract<Act, { do: 'reset' | 'close' | 'unreachable' | 'blockpage' | 'intercept' | 'load' }>
    }

export type DnsAct = Extract<Act, { do: 'lie' | 'inject' | 'silence' | 'drop' }>

/** One flow, as the boxes on its way know it. */
export interface Watch {
  syn(): Judgement
  /** The same array again is a retransmission. */
  segment(direction: 'up' | 'down', bytes: Uint8Array): Judgement
  /** The flow is over and the boxes have seen it. */
  end(): void
}

export interface Judge {
  readonly rules: readonly Rule[]
  add(rule: Rule, by: 'scenario' | 'you'): void
  /** True if it was in force. */
  remove(id: string): boolean
  /** Who goes and looks for `probe`; without, nobody does. */
  probeWith(prober: Prober): void
  /** What the boxes on the way answer to one question: the addresses of each forged answer. */
  forged(way: Way, question: Question, act: Extract<DnsAct, { do: 'inject' }>): string[][]
  byOf(id: string): 'scenario' | 'you'
  watch(way: Way): Watch
  /** Where false routes lead what is sent there. */
  reroutes(way: Way): { readonly rule: Rule; readonly to: string } | null
  /** A question on its way to a resolver by UDP. */
  onPath(way: Way, name: string): { readonly rule: Rule; readonly act: DnsAct } | null
  /** What the resolver standing at `provider` was told to do about a name. */
  atResolver(provider: string, way: Way, name: string): { readonly rule: Rule; readonly act: DnsAct } | null
  /** Any datagram that is not a question: dropped by rules on addresses. */
  datagram(way: Way): Judgement
}

/** A rule in force, with what its box remembers across flows. */
export interface Known {
  readonly rule: Rule
  readonly by: 'scenario' | 'you'
  readonly to: readonly Range[] | null
  readonly allowed: readonly Range[]
  /** Needs bytes of the client to decide. */
  readonly reads: boolean
  readonly table: StateTable
  readonly flood: Flood | null
  /** For `probe`: goes and looks, once for each address and port. */
  suspect(way: Way, first: Uint8Array): void
  /** For `probe`: whether a proxy answered there. */
  blocks(address: string): boolean
}

/** Connects to where a client was seen going and says what proxies answer to; resolves with whether one did. Never rejects. */
export type Prober = (way: Way, first: Uint8Array) => Promise<boolean>

const pass: Judgement = { t: 'pass' }
/** Flow triples in the penalty box at once; the oldest leaves first. */
const MAX_RESIDUES = 65_536

export function createJudge(clock: Clock, random: Random): Judge {
  const lots = createLots(random)
  let known: Known[] = []
  let prober: Prober = async () => false
  /** Penalty boxes: flow triple -> rule and its end. */
  const residues = new Map<string, { readonly known: Known; readonly until: number }>()

  const standsHere = ({ rule, to }: Known, way: Way, boxAt: string) => {
    const { match } = rule
    return (
      (!match.providers || match.providers.includes(boxAt) || isOnTheWayOut(match.providers, way, boxAt)) &&
      (!match.places || (way.place !== null && match.places.includes(way.place))) &&
      (!match.ports || match.ports.includes(way.port)) &&
      (!match.toProviders || (way.toProvider !== null && match.toProviders.includes(way.toProvider))) &&
      (!to || to.some((each) => each.has(way.to)))
    )
  }
  const isForDns = ({ rule }: Known) => rule.match.names !== undefined

  const dnsRule = (boxAt: string, way: Way, name: string, acts: readonly DnsAct['do'][]) => {
    for (const each of known) {
      const { act, match } = each.rule
      if (!match.names?.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))) continue
      if (!isDnsAct(act) || !acts.includes(act.do) || !standsHere(each, way, boxAt)) continue
      if (lots.of(`${each.rule.id}|${way.from}`).fraction() < each.rule.share) return { rule: each.rule, act }
    }
    return null
  }
  const make = (rule: Rule, by: 'scenario' | 'you'): Known => {
    const { match, act } = rule
    const probed = new Set<string>()
    const proxies = new Map<string, number>()
    return {
      rule,
      by,
      to: match.to?.map(range) ?? null,
      allowed: act.do === 'allowlist' ? act.prefixes.map(range) : [],
      reads: match.sni !== undefined || match.host !== undefined || match.payload !== undefined || act.do === 'blockpage',
      table: createStateTable(clock, rule.box.flows, rule.box.idleMs),
      flood: act.do === 'load' ? createFlood(clock, act) : null,
      suspect(way, first) {
        const key = `${way.to} ${way.port}`
        if (act.do !== 'probe' || probed.has(key)) return
        probed.add(key)
        clock.after(act.delayMs, () => {
          void prober(way, first).then((answered) => {
            if (answered) proxies.set(way.to, clock.monotonic() + act.blockMs)
          })
        })
      },
      blocks: (address) => (proxies.get(address) ?? Number.NEGATIVE_INFINITY) > clock.monotonic(),
    }
  }

  return {
    get rules() {
      return known.map((each) => each.rule)
    },
    add(rule, by) {
      known = [...known.filter((each) => each.rule.id !== rule.id), make(rule, by)]
    },
    remove(id) {
      const before = known.length
      known = known.filter((each) => each.rule.id !== id)
      for (const [key, residue] of residues) if (residue.known.rule.id === id) residues.delete(key)
      return known.length < before
    },
    probeWith(next) {
      prober = next
    },
    forged: (way, { name, type }, act) => {
      if (act.pool.length === 0) return Array.from({ length: act.answers }, () => [...act.addresses])
      const dice = lots.next(`${way.from}|${way.to}|${name}|${type}`)
      return Array.from({ length: act.answers }, () => drawAddress(act.pool, type, dice))
    },
    byOf: (id) => known.find((each) => each.rule.id === id)?.by ?? 'scenario',
    onPath: (way, name) => dnsRule(way.provider, way, name, ['inject', 'silence', 'drop']),
    atResolver: (provider, way, name) => dnsRule(provider, way, name, ['lie']),
    reroutes(way) {
      for (const each of known) {
        const { act } = each.rule
        if (act.do === 'reroute' && standsHere(each, way, way.provider)) return { rule: each.rule, to: act.to }
      }
      return null
    },
    datagram(way) {
      for (const each of known) {
        if (each.reads || isForDns(each) || !standsHere(each, way, way.provider)) continue
        if (each.rule.act.do === 'drop') return { t: 'drop', rule: each.rule }
        if (each.rule.act.do === 'allowlist' && !each.allowed.some((one) => one.has(way.to))) return { t: 'drop', rule: each.rule }
      }
      return pass
    },
    watch(way) {
      const triple = `${way.from}|${way.to}|${way.port}`
      const own = lots.next(triple).fraction()
      return openWatch({
        clock,
        way,
        inForce: () => known,
        concerns: (each) => !isForDns(each) && standsHere(each, way, way.provider),
        dice: ({ rule }) => lots.of(rule.shareOf === 'destinations' ? `${rule.id}|${way.to}` : `${rule.id}|${triple}|${own}`),
        residue() {
          const residue = residues.get(triple)
          if (!residue) return null
          if (residue.until <= clock.monotonic()) {
            residues.delete(triple)
            return null
          }
          return lots.of(`residual|${triple}|${own}`).fraction() < residue.known.rule.residualShare ? residue.known : null
        },
        leaveResidue(each) {
          if (each.rule.residualMs === undefined) return
          residues.delete(triple)
          residues.set(triple, { known: each, until: clock.monotonic() + each.rule.residualMs })
          const [oldest] = residues.keys()
          if (residues.size > MAX_RESIDUES && oldest !== undefined) residues.delete(oldest)
        },
      })
    },
  }
}

/** Of resolvers there is none at a transit. */
function isOnTheWayOut(providers: readonly string[], { provider, through }: Way, boxAt: string): boolean {
  return boxAt === provider && through != null && providers.includes(through)
}

function isDnsAct(act: Act): act is DnsAct {
  return act.do === 'lie' || act.do === 'inject' || act.do === 'silence' || act.do === 'drop'
}
