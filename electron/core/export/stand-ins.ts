/** Addresses in the place of the numbers in brackets that a file has instead (redact.ts), one for each, that rules see as they saw the true one. */
import ipaddr from 'ipaddr.js'
import type { MeasuredEvidence } from '../../../shared/contract/measurement.ts'
import { isBogon } from '../net/dns/bogon.ts'

export interface StandIns {
  /** Itself, where it is no number in brackets. */
  (text: string): string
  /** The bracketed addresses that stood on the list of filters which households order. */
  readonly filters: readonly string[]
}

const bracketed = /^\[(address|bogon|filter)(6?) (?:(\d{1,6})\.|beside ([0-9a-f.:]{2,45}) )?(\d{1,6})\]$/

export function standIns({ context, queries }: Pick<MeasuredEvidence, 'context' | 'queries'>): StandIns {
  const bogons = context.bogons
  const own = new Set([...context.endpoints.flatMap(({ addresses }) => addresses), ...context.controls.map(({ address }) => address)])
  // A range that is nobody's bogon, and none of the service's.
  const isFree = (base: string) => !isBogon(`${base}.0.1`, bogons) && ![...own].some((address) => address.startsWith(`${base}.`))
  const base =
    range(1, 223)
      .flatMap((a) => [`${a}.77`])
      .find(isFree) ?? '198.18'
  const given = new Map<string, string>()
  const taken = new Set(own)
  const place = (text: string): string => {
    const match = bracketed.exec(text)
    if (!match) return text
    const known = given.get(text)
    if (known !== undefined) return known
    const [, kind, six, inRange, beside, number] = match
    const n = Number(number)
    const address = free(taken, (shift) => {
      if (kind === 'filter') return text
      if (kind === 'bogon') return six ? `fc00:${hex(n)}::${shift + 1}` : `10.${(n >> 8) & 255}.${n & 255}.${shift + 1}`
      if (beside !== undefined) return within(beside, n + shift)
      const r = Number(inRange)
      return six ? `2a00:${hex(r)}::${hex(n + shift)}` : `${base.split('.')[0]}.${77 + (r >> 8)}.${r & 255}.${(n + shift) & 255}`
    })
    given.set(text, address)
    taken.add(address)
    return address
  }
  const answers = queries.flatMap((query) => query.answers.map((answer) => (answer.answer_type === 'A' ? answer.ipv4 : answer.ipv6)))
  return Object.assign(place, { filters: [...new Set(answers.filter((text) => text.startsWith('[filter ')))] })
}

function free(taken: ReadonlySet<string>, make: (shift: number) => string): string {
  const found = range(0, 254)
    .map(make)
    .find((address) => !taken.has(address))
  return found ?? make(0)
}

/** Another address of the same range. */
function within(address: string, n: number): string {
  if (!ipaddr.isValid(address)) return address
  const bytes = ipaddr.parse(address).toByteArray()
  bytes[bytes.length - 1] = n & 255
  return ipaddr.fromByteArray(bytes).toString()
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const hex = (n: number) => (n & 0xffff).toString(16)
