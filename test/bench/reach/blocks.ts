/** What stands in the way: the blocks of the design's figure table, as rules of the lab, with the floor and the goal of each. */
import type { RuleInput } from '../../../lab/censor/rule.ts'
import { type Distances, nameDroppedInTurn, nameResetInTurn, oneProxyInTurn, plainFloor, proxyFloor, synDroppedInTurn } from './floor.ts'
import { ENTRANCES, HOME, type Line, NOWHERE, OWN, PROXIES, proxyMs } from './world.ts'

export interface Block {
  readonly id: string
  readonly title: string
  /** `works`: the proxy that is left where only one is, drawn for each run. */
  rules(works: number): readonly RuleInput[]
  /** Whether runs differ by the proxy that works. */
  readonly drawsProxy?: boolean
  /** Ms, for who dials everything at once, or knows which way is open; `inTurn`: for who has nothing but reasons to go by. */
  readonly floor: (distances: Distances) => number
  readonly inTurn: (distances: Distances) => number
  /** Design, figures to reach; at a round trip of 80 ms without loss. Medians, ms. */
  readonly goal: { readonly first: number; readonly later: number }
}

export const GOAL_RTT_MS = 80

const places = [HOME]
const rule = (id: string, rest: Omit<RuleInput, 'id' | 'label'>): RuleInput => ({ id, label: id, ...rest })
const ownNames = ['throughline.test']
const ownSni = ownNames.map((text) => ({ how: 'suffix' as const, text }))
const only = (addresses: readonly string[]) => addresses.map((address) => `${address}/32`)
const LATER = 350

export const blocks: readonly Block[] = [
  {
    id: 'none',
    title: 'nothing blocked',
    rules: () => [],
    floor: plainFloor,
    inTurn: plainFloor,
    // 4R + 10 %.
    goal: { first: 352, later: 352 },
  },
  {
    id: 'dns-lies',
    title: 'DNS lies',
    rules: () => [rule('lie', { match: { providers: ['access'], names: ownNames }, act: { do: 'lie', addresses: [NOWHERE] } })],
    floor: plainFloor,
    inTurn: plainFloor,
    goal: { first: 350, later: LATER },
  },
  {
    id: 'dns-silent',
    title: 'DNS silent',
    rules: () => [rule('hush', { match: { places, names: ownNames }, act: { do: 'silence' } })],
    floor: plainFloor,
    inTurn: plainFloor,
    goal: { first: 350, later: LATER },
  },
  {
    id: 'syn-dropped',
    title: 'SYN dropped',
    rules: () => [rule('drop', { match: { places, to: only(OWN) }, act: { do: 'drop' } })],
    floor: plainFloor,
    inTurn: synDroppedInTurn,
    goal: { first: 600, later: LATER },
  },
  {
    id: 'sni-reset',
    title: 'SNI reset',
    rules: () => [rule('reset', { match: { places, sni: ownSni }, act: { do: 'reset' } })],
    floor: plainFloor,
    inTurn: nameResetInTurn,
    goal: { first: 550, later: LATER },
  },
  {
    id: 'sni-dropped',
    title: 'SNI dropped',
    rules: () => [rule('swallow', { match: { places, sni: ownSni }, act: { do: 'drop' } })],
    floor: plainFloor,
    inTurn: nameDroppedInTurn,
    goal: { first: 800, later: LATER },
  },
  {
    id: 'one-proxy',
    title: 'one proxy of ten',
    drawsProxy: true,
    rules(works) {
      const dead = PROXIES.filter((_, at) => at !== works)
      const direct = [...OWN, ...ENTRANCES.map(({ address }) => address)]
      return [rule('drop', { match: { places, to: only([...direct, ...dead]) }, act: { do: 'drop' } })]
    },
    floor: proxyFloor,
    inTurn: oneProxyInTurn,
    goal: { first: 2_500, later: 500 },
  },
]

/** How far along the way boxes stand in the lab. */
const BOX_AT = 0.25

export function distancesOf(line: Line): Distances {
  return { rttMs: line.rttMs, boxMs: line.rttMs * BOX_AT, proxyMs: proxyMs(line) }
}
