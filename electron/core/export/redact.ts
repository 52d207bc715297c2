/**
 * What may stand in a file for strangers: the relay's public names and addresses. All else becomes a number in brackets, the same for
 * the same thing. Of an address, what verdicts rest on stays: whether it can be anybody's, which kind it is, and which share a range.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { loginRefusals } from '../../../shared/protocol/relay.ts'
import { isBogon } from '../net/dns/bogon.ts'
import { type Hop, parseRecipe } from '../reach/recipe.ts'

/** Transports that many use; the name of another might tell whose it is. */
const commonTransports: readonly string[] = ['obfs4', 'snowflake', 'webtunnel', 'meek_lite']
/** What sockets and TLS libraries call a failure, and a relay's answer. */
const commonFault = /^(E[A-Z]{3,15}|ERR_[A-Z_]{3,40}|(CERT|UNABLE|SELF|DEPTH|HOSTNAME)_[A-Z_]{3,50}|status-\d{3})$/
const faultWords: readonly string[] = [...loginRefusals, 'channel-mismatch', 'bad-signature', 'not-a-relay', 'timeout', 'reset', 'closed']

export interface Redaction {
  /** A recipe, with bridges and what is not the relay's public address or name replaced. */
  recipe(text: string): string
  /** Addresses or names, with spaces between. */
  places(text: string): string
  /** One word of who runs or signed something. */
  party(text: string): string
  fault(text: string): string
  /** One address or name; with a `port` that only the person's own bridges have, one of its own. */
  place(text: string, port?: number): string
  /** Who or what has an id: of the signed list, or a number. */
  id(kind: string, text: string): string
  isPublic(text: string): boolean
}

/** Ports that tell nothing. */
const USUAL_PORTS: readonly number[] = [80, 443]

type Known = Pick<Bundle, 'endpoints' | 'doh' | 'dot' | 'controls' | 'bogons' | 'householdFilters'>

/** `forFew`: ids of endpoints that not everybody is told of. */
export function redaction(bundle: Known, forFew: readonly string[] = []): Redaction {
  const endpoints = bundle.endpoints.filter(({ id }) => !forFew.includes(id))
  const { doh, controls, bogons, dot = [], householdFilters = [] } = bundle
  const ids = new Set([...endpoints, ...doh, ...dot, ...controls].map(({ id }) => id))
  const fronts = endpoints.flatMap((endpoint) => endpoint.fronts ?? [])
  const open = new Set([
    ...endpoints.flatMap(({ host, addresses, provider, disguise }) => [host, provider, ...addresses, ...(disguise?.names ?? [])]),
    ...fronts.flatMap(({ host, address, service }) => [host, address, service]),
    ...doh.flatMap(({ host, address }) => [host, address]),
    ...controls.flatMap(({ host, address, provider }) => [host, address, provider]),
  ])
  const numbers = new Map<string, Map<string, number>>()
  const instead = (kind: string, text: string) => `[${kind} ${numbered(kind, text)}]`
  const numbered = (kind: string, text: string): number => {
    const known = numbers.get(kind) ?? new Map<string, number>()
    numbers.set(kind, known)
    const number = known.get(text) ?? known.size + 1
    known.set(text, number)
    return number
  }
  const publicRanges = new Map([...open].flatMap((text) => (isIP(text) === 0 ? [] : [[rangeOf(text), text] as const])))
  const place = (text: string, port = USUAL_PORTS[0]) => {
    if (open.has(text)) return text
    if (isIP(text) === 0) return instead('name', text)
    const version = isIP(text) === 6 ? '6' : ''
    const own = port === undefined || isUsual(port) ? text : `${text} ${port}`
    if (householdFilters.includes(text)) return instead('filter', own)
    if (isBogon(text, bogons)) return instead(`bogon${version}`, own)
    const range = rangeOf(text)
    const beside = publicRanges.get(range)
    const number = beside === undefined ? numbered(`range${version}`, range) : `beside ${beside} `
    return `[address${version} ${number}${beside === undefined ? '.' : ''}${numbered(`address ${range}`, own)}]`
  }
  const ports = new Set([...USUAL_PORTS, ...[...endpoints, ...controls].map(({ port }) => port)])
  const isUsual = (port: number) => ports.has(port)
  const isFront = (hop: Hop) => fronts.some(({ address, port }) => address === hop.address && port === hop.port)
  const hopOf = (hop: Hop) => {
    if (isFront(hop) || open.has(hop.address)) return `${hop.kind} ${place(hop.address)}:${hop.port}`
    const what = hop.kind === 'transport' ? ` ${commonTransports.includes(hop.name) ? hop.name : 'other'}` : ''
    return `${hop.kind} ${instead('bridge', `${hop.kind} ${hop.address} ${hop.port}`)}${what}`
  }
  return {
    recipe(text) {
      const recipe = parseRecipe(text)
      if (!recipe) return instead('route', text)
      const { proxy, address, port, host, sni, split, carrier } = recipe
      // Where the bridge leads by itself, the address is its own.
      const isOwn = proxy !== null && proxy.address === address && proxy.port === port
      return [
        ...(proxy ? [hopOf(proxy)] : []),
        ...(isOwn ? [] : [`tcp ${place(address)}:${port}`]),
        `tls sni=${sni === null ? 'none' : place(sni)} host=${place(host)}${split === null ? '' : ` split=${split}`}`,
        carrier,
      ].join(' | ')
    },
    places: (text) =>
      text
        .split(' ')
        .map((each) => (each === '' ? '' : place(each)))
        .join(' '),
    party: (text) => (text === '' || open.has(text) ? text : instead('party', text)),
    fault: (text) => (commonFault.test(text) || faultWords.includes(text) ? text : 'other'),
    place,
    id: (kind, text) => (ids.has(text) ? text : instead(kind, text)),
    isPublic: (text) => open.has(text),
  }
}

/** The smallest range that is announced to the world. */
function rangeOf(address: string): string {
  const parsed = ipaddr.process(address)
  return parsed
    .toByteArray()
    .slice(0, parsed.kind() === 'ipv4' ? 3 : 6)
    .join('.')
}
