/** Each mechanism twice: as orders to the kernel, and as a rule of the lab. */
import type { RuleInput } from '../../lab/censor/rule.ts'
import { type Box, CHAT, FALSE_PAGE } from './kernel-world.ts'

export interface Mechanism {
  readonly box: Box
  readonly rule: Pick<RuleInput, 'match' | 'act'> | null
  /** What the client must have seen, in both worlds, that it does not see on a clean way. */
  readonly seen: RegExp | null
}

const SERVICE = '240.149.167.0/24'
const MAIN = ['240.149.167.50', '240.149.167.91']
const toMain = { to: MAIN.map((address) => `${address}/32`) }
const onMain = `ip daddr { ${MAIN.join(', ')} }`
/** The client's own provider: a box and a resolver of nobody else's. */
const lookedUp = { names: [CHAT], providers: ['nl-a'] }
const MEDIA = 'media.throughline.test'
const inHello = { sni: [{ how: 'exact' as const, text: MEDIA }], to: [SERVICE] }
const helloNaming = ['-p', 'tcp', '--dport', '443', '-m', 'string', '--algo', 'bm', '--string', MEDIA]
/** The name as it stands in a question (RFC 1035 section 3.1), in whatever case. */
const asked = CHAT.split('.').map((label) => `|${label.length.toString(16).padStart(2, '0')}|${label}`)
const askedFor = ['-p', 'udp', '--dport', '53', '-m', 'string', '--algo', 'bm', '--icase', '--hex-string', `${asked.join('')}|00|`]
export const POLICED_KBPS = 140
const perFlow = `add @flows { ip saddr . tcp sport . ip daddr . tcp dport limit rate over ${POLICED_KBPS * 125} bytes/second burst 8 kbytes } drop`

export const mechanisms: Readonly<Record<string, Mechanism>> = {
  nothing: { box: {}, rule: null, seen: null },
  'resolver lie': {
    box: { resolver: 'lying' },
    rule: { match: lookedUp, act: { do: 'lie', addresses: [FALSE_PAGE] } },
    seen: /^dns target chat chat\.throughline\.test system: answer 240\.77\.252\.152$/,
  },
  NXDOMAIN: {
    box: { resolver: 'denying' },
    rule: { match: lookedUp, act: { do: 'lie', addresses: [] } },
    seen: /^dns target chat chat\.throughline\.test system: nxdomain without SOA$/,
  },
  'DNS silence': {
    box: { iptables: [...askedFor, '-j', 'DROP'] },
    rule: { match: lookedUp, act: { do: 'silence' } },
    seen: /^dns target chat chat\.throughline\.test system: timeout$/,
  },
  'DNS injection': {
    box: { inject: FALSE_PAGE },
    rule: { match: lookedUp, act: { do: 'inject', addresses: [FALSE_PAGE] } },
    seen: /^dns target chat chat\.throughline\.test system: answer 240\.77\.252\.152, later 240\.149\.167\.50 240\.149\.167\.91$/,
  },
  'SYN drop': {
    box: { nft: [`${onMain} tcp dport 443 drop`] },
    rule: { match: { ...toMain, ports: [443] }, act: { do: 'drop' } },
    seen: /^tcp target media media-main 240\.149\.167\.50 bundle: timeout$/,
  },
  RST: {
    box: { nft: [`${onMain} meta l4proto tcp reject with tcp reset`] },
    rule: { match: toMain, act: { do: 'reset' } },
    seen: /^tcp target media media-main 240\.149\.167\.50 bundle: refused$/,
  },
  'ICMP unreachable': {
    box: { nft: [`${onMain} reject with icmp type host-unreachable`] },
    rule: { match: toMain, act: { do: 'unreachable' } },
    seen: /^tcp target media media-main 240\.149\.167\.50 bundle: unreachable$/,
  },
  'prefix drop': {
    box: { nft: [`ip daddr ${SERVICE} drop`] },
    rule: { match: { to: [SERVICE] }, act: { do: 'drop' } },
    seen: /^tcp target web web-main 240\.149\.167\.99 bundle: timeout$/,
  },
  'SNI reset': {
    box: { iptables: [...helloNaming, '-j', 'REJECT', '--reject-with', 'tcp-reset'] },
    rule: { match: inHello, act: { do: 'reset' } },
    seen: /^tls target media media-main 240\.149\.167\.50 bundle by name: reset$/,
  },
  'SNI drop': {
    box: { iptables: [...helloNaming, '-j', 'DROP'] },
    rule: { match: inHello, act: { do: 'drop' } },
    seen: /^tls target media media-main 240\.149\.167\.50 bundle by name: timeout$/,
  },
  'rate policing': {
    box: { nft: [`ip daddr ${SERVICE} ${perFlow}`, `ip saddr ${SERVICE} ${perFlow}`] },
    rule: { match: { to: [SERVICE] }, act: { do: 'throttle', kbps: POLICED_KBPS } },
    seen: null,
  },
}
