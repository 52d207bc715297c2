/** What may stand in a file for strangers: the relay's public names and addresses. All else becomes a number in brackets, the same for the same thing. */
import { isIP } from 'node:net'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { type Hop, parseRecipe } from '../reach/recipe.ts'

/** Transports that many use; the name of another might tell whose it is. */
const commonTransports: readonly string[] = ['obfs4', 'snowflake', 'webtunnel', 'meek_lite']
/** What sockets and TLS libraries call a failure, and a relay's answer. */
const commonFault = /^(E[A-Z]{3,15}|ERR_[A-Z_]{3,40}|(CERT|UNABLE|SELF|DEPTH|HOSTNAME)_[A-Z_]{3,50}|status-\d{3})$/
const faultWords: readonly string[] = ['channel-mismatch', 'bad-signature', 'not-a-relay', 'timeout', 'reset', 'closed']

export interface Redaction {
  /** A recipe, with bridges and what is not the relay's public address or name replaced. */
  recipe(text: string): string
  /** Addresses or names, with spaces between. */
  places(text: string): string
  /** One word of who runs or signed something. */
  party(text: string): string
  fault(text: string): string
}

export function redaction({ endpoints, doh, controls }: Pick<Bundle, 'endpoints' | 'doh' | 'controls'>): Redaction {
  const fronts = endpoints.flatMap((endpoint) => endpoint.fronts ?? [])
  const open = new Set([
    ...endpoints.flatMap(({ host, addresses, provider, disguise }) => [host, provider, ...addresses, ...(disguise?.names ?? [])]),
    ...fronts.flatMap(({ host, address, service }) => [host, address, service]),
    ...doh.flatMap(({ host, address }) => [host, address]),
    ...controls.flatMap(({ host, address, provider }) => [host, address, provider]),
  ])
  const numbers = new Map<string, Map<string, number>>()
  const instead = (kind: string, text: string) => {
    const known = numbers.get(kind) ?? new Map<string, number>()
    numbers.set(kind, known)
    const number = known.get(text) ?? known.size + 1
    known.set(text, number)
    return `[${kind} ${number}]`
  }
  const place = (text: string) => (open.has(text) ? text : instead(isIP(text) === 0 ? 'name' : 'address', text))
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
  }
}
