/** The simulated internet that all are measured in: one round-trip time to everything of the service's, one share of lost packets. */
import * as v from 'valibot'
import { joinWorld, World } from '../../../lab/engine/world.ts'

export interface Line {
  /** Round trip to the service, to its second and third entrance, and to it by way of any proxy, ms. */
  readonly rttMs: number
  /** Share of packets lost on the client's side, each way. */
  readonly loss: number
}

export const HOME = 'home'
export const SERVICE_NAME = 'chat.throughline.test'
/** Two addresses of the service's own, in one range. */
export const OWN = ['240.10.0.50', '240.10.0.91'] as const
/** The same service at two other providers, under other names. */
export const ENTRANCES = [
  { host: 'relay2.harbour.test', address: '240.20.0.10', provider: 'harbour' },
  { host: 'relay3.quay.test', address: '240.21.0.10', provider: 'quay' },
] as const
export const PROXIES = Array.from({ length: 10 }, (_, at) => `240.30.${at}.5`)
export const PROXY_PORT = 1080
/** Where a false answer leads: an address that could be anybody's, where nobody answers. */
export const NOWHERE = '240.99.0.1'
/** Three operators of look-ups over HTTPS, none of whom a censor here hinders. */
export const DOH = ['240.40.0.9', '240.41.0.9', '240.42.0.9'] as const
export const dohName = (at: number) => `doh.operator-${at + 1}.test`

/** A proxy stands on the way to the service: so far along it. */
const PROXY_AT = 0.9
/** Big operators have machines near everybody. */
const DOH_MOST_MS = 30
/** The provider's own resolver. */
export const RESOLVER_MS = 8

export const proxyMs = ({ rttMs }: Line) => rttMs * PROXY_AT
export const behindProxyMs = (line: Line) => line.rttMs - proxyMs(line)
const dohMs = ({ rttMs }: Line) => Math.min(rttMs, DOH_MOST_MS)

export function worldOf(line: Line): World {
  const { rttMs, loss } = line
  const provider = (id: string, net: string, kind: 'access' | 'hosting' = 'hosting') => ({
    id,
    title: id,
    kind,
    asn: 64_496,
    country: 'XX',
    prefixes: [net],
  })
  const proxyProviders = PROXIES.map((_, at) => ({ id: `proxies-${at}`, net: `240.30.${at}.0/24` }))
  const dohProviders = DOH.map((address, at) => ({ id: `operator-${at + 1}`, net: `${address.replace(/\d+$/, '0')}/24` }))
  const far = ['throughline', ...ENTRANCES.map((entrance) => entrance.provider)]
  const raw: v.InferInput<typeof World> = {
    home: HOME,
    bogons: ['10.0.0.0/8'],
    providers: [
      provider('access', '240.1.0.0/24', 'access'),
      provider('throughline', '240.10.0.0/24'),
      ...ENTRANCES.map((entrance) => provider(entrance.provider, `${entrance.address.replace(/\d+$/, '0')}/24`)),
      ...proxyProviders.map(({ id, net }) => provider(id, net)),
      ...dohProviders.map(({ id, net }) => provider(id, net)),
    ],
    places: [
      {
        id: HOME,
        title: 'Home',
        country: 'XX',
        provider: 'access',
        clients: '240.1.0.0/24',
        gateway: '240.1.0.1',
        resolvers: ['240.1.0.53'],
      },
    ],
    links: [
      { from: 'access', to: 'access', rttMs: RESOLVER_MS, loss },
      // Whatever nobody has is as far away as the service.
      { from: 'access', to: '*', rttMs, loss },
      ...dohProviders.map(({ id }) => ({ from: 'access', to: id, rttMs: dohMs(line), loss })),
      ...proxyProviders.flatMap(({ id }) => [
        { from: 'access', to: id, rttMs: proxyMs(line), loss },
        ...far.map((to) => ({ from: id, to, rttMs: behindProxyMs(line), loss: 0 })),
      ]),
    ],
    hosts: [
      { id: 'resolver', title: 'Resolver', provider: 'access', kind: 'resolver', addresses: ['240.1.0.53'] },
      { id: 'service', title: 'Service', provider: 'throughline', kind: 'relay' as const, addresses: [...OWN], names: [SERVICE_NAME] },
      ...ENTRANCES.map(({ host, address, provider: at }) => ({
        id: `service-${at}`,
        title: host,
        provider: at,
        kind: 'relay' as const,
        addresses: [address],
        names: [host],
      })),
      ...PROXIES.map((address, at) => ({
        id: `proxy-${at}`,
        title: `Proxy ${at}`,
        provider: `proxies-${at}`,
        kind: 'socks5' as const,
        addresses: [address],
      })),
      ...DOH.map((address, at) => ({
        id: `doh-${at}`,
        title: dohName(at),
        provider: `operator-${at + 1}`,
        kind: 'doh' as const,
        addresses: [address],
        names: [dohName(at)],
      })),
    ],
    offer: {
      endpoints: [
        { id: 'own', plane: 'chat', host: SERVICE_NAME, port: 443, addresses: [...OWN], provider: 'throughline' },
        ...ENTRANCES.map(({ host, address, provider: at }) => ({
          id: at,
          plane: 'chat' as const,
          host,
          port: 443,
          addresses: [address],
          provider: at,
        })),
      ],
      proxies: PROXIES.map((address, at) => ({ id: `proxy-${at}`, kind: 'socks5' as const, address, port: PROXY_PORT })),
      doh: DOH.map((address, at) => ({ id: `doh-${at}`, address, port: 443, host: dohName(at), path: '/dns-query' })),
      controls: [],
      mirrors: [],
      txt: [],
    },
  }
  return joinWorld(v.parse(World, raw), [])
}
