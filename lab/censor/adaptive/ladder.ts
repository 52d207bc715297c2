/** The rungs of the ladder as orders to a box: what each would hit, and the rules that a provider's box is given for them. Pure. */
import * as v from 'valibot'
import { type Range, range } from '../../engine/address.ts'
import { Rule } from '../rule.ts'
import type { Flow } from './traffic.ts'

/** From the mildest on. */
export const rungs = ['lookup', 'addresses', 'prefix', 'name', 'protocol'] as const
export type Rung = (typeof rungs)[number]

/** One thing that is blocked. */
export interface Order {
  readonly rung: Rung
  /** A domain, an address, a prefix, a server name; for `protocol`: `unknown`. */
  readonly target: string
}

export const orderId = ({ rung, target }: Order) => `${rung} ${target}`

/** Whether the box would act on this flow. Lies in lookup act on no flow. */
export function hits({ rung, target }: Order, { to, name, look }: Pick<Flow, 'to' | 'name' | 'look'>): boolean {
  switch (rung) {
    case 'lookup':
      return false
    case 'addresses':
      return to === target
    case 'prefix':
      return rangeOf(target).has(to)
    case 'name':
      return name !== null && isUnder(name, target)
    case 'protocol':
      return look !== null && look !== 'tls' && look !== 'http'
  }
}

/** Read once: every flow of the last minutes is held against it. */
const read = new Map<string, Range>()
const MAX_READ = 1000
function rangeOf(prefix: string): Range {
  const known = read.get(prefix) ?? range(prefix)
  if (read.size < MAX_READ) read.set(prefix, known)
  return known
}

export const isUnder = (name: string, domain: string) => name === domain || name.endsWith(`.${domain}`)

export interface Box {
  readonly provider: string
  /** Where lies lead. */
  readonly lieTo: readonly string[]
}

/** The rules for these orders: one for each rung, so that a long list of addresses is one gate. */
export function rulesFor(orders: readonly Order[], { provider, lieTo }: Box): Rule[] {
  const make = (rung: Rung, { label, match, act }: Wording) =>
    v.parse(Rule, { id: `adaptive-${rung}`, label, match: { providers: [provider], ...match }, act })
  return rungs.flatMap((rung) => {
    const targets = orders.filter((order) => order.rung === rung).map((order) => order.target)
    return targets.length === 0 ? [] : [make(rung, wording(rung, targets, lieTo))]
  })
}

interface Wording {
  readonly label: string
  readonly match: object
  readonly act: object
}

function wording(rung: Rung, targets: readonly string[], lieTo: readonly string[]): Wording {
  switch (rung) {
    case 'lookup':
      return { label: 'Lies in name lookup', match: { names: targets }, act: { do: 'lie', addresses: lieTo } }
    case 'addresses':
      return { label: 'Drops single addresses', match: { to: targets.map(alone) }, act: { do: 'drop' } }
    case 'prefix':
      return { label: 'Drops whole ranges', match: { to: targets }, act: { do: 'drop' } }
    case 'name':
      return { label: 'Cuts by name', match: { sni: targets.map((text) => ({ how: 'suffix', text })) }, act: { do: 'reset' } }
    case 'protocol':
      return { label: 'Silences what it cannot read', match: {}, act: { do: 'protocol', allow: ['dns', 'http', 'tls'] } }
  }
}

function alone(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`
}
