/** What an answer is worth, as a pure function. It sorts and doubts; whether an address is the right one only a handshake there can tell. */
import type { Random } from '../../../../shared/util/random.ts'
import { isBogon } from './bogon.ts'
import { knownLies } from './known-lies.ts'
import type { Resolver } from './resolver.ts'
import type { DnsOutcome } from './udp.ts'

export type Doubt =
  /** An address that is nobody's. */
  | 'bogon'
  /** An address that forgers are known to give. */
  | 'known-lie'
  /** A second answer that shares nothing with the first. */
  | 'two-answers'
  /** No such name, without the zone's SOA that goes with it (RFC 2308 section 3). */
  | 'no-proof-of-absence'
  /** A name made up at random has an address there too. */
  | 'answers-anything'

export interface Evidence {
  readonly outcome: DnsOutcome
  readonly trust: Resolver['trust']
  /** Ranges that no honest answer holds here. */
  readonly bogons: readonly string[]
  /** What the same resolver said of a sibling that nobody can have registered; absent: not asked. */
  readonly sibling?: DnsOutcome
  /** Addresses that proved themselves: whoever names them spoke the truth. */
  readonly proven?: ReadonlySet<string>
}

export interface Judgement {
  /** Worth trying, in order: proven ones first, then as they were heard. */
  readonly usable: readonly string[]
  readonly doubts: readonly Doubt[]
}

export function judgeAnswer({ outcome, trust, bogons, sibling, proven = new Set() }: Evidence): Judgement {
  if (outcome.kind === 'nxdomain') return { usable: [], doubts: outcome.soa || trust === 'authenticated' ? [] : ['no-proof-of-absence'] }
  if (outcome.kind !== 'answer') return { usable: [], doubts: [] }
  const heard = [...new Set([outcome.addresses, ...outcome.late].flat())]
  const invented = new Set(sibling?.kind === 'answer' ? sibling.addresses : [])
  const good = heard.filter(
    (address) => !isBogon(address, bogons) && !knownLies.has(address) && (proven.has(address) || !invented.has(address)),
  )
  const isSecond = outcome.late.some((late) => late.length > 0 && !late.some((address) => outcome.addresses.includes(address)))
  const doubts: (readonly [Doubt, boolean])[] = [
    ['bogon', heard.some((address) => isBogon(address, bogons))],
    ['known-lie', heard.some((address) => knownLies.has(address))],
    ['two-answers', isSecond],
    ['answers-anything', invented.size > 0],
  ]
  const isProven = (address: string) => proven.has(address)
  return {
    usable: [...good.filter(isProven), ...good.filter((address) => !isProven(address))],
    doubts: doubts.flatMap(([doubt, holds]) => (holds ? [doubt] : [])),
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** A name beside `name` that nobody has: who answers for it makes things up (detection.md's rule of the random sibling). */
export function siblingOf(name: string, random: Random): string {
  const label = Array.from({ length: 12 }, () => LETTERS[Math.floor(random.fraction() * LETTERS.length)]).join('')
  return [label, ...name.split('.').slice(1)].join('.')
}
