/** What a rule of the workbench is aimed at, as names and prefixes of this world. */
import type { PlainAim } from '../../shared/contract/workbench-mechanisms.ts'
import type { Offer } from '../../shared/protocol/processes.ts'
import type { Topology } from '../engine/topology.ts'
import type { Host } from '../engine/world.ts'

export interface Target {
  /** For the map, in a few words. */
  readonly title: string
  readonly names: readonly string[]
  readonly prefixes: readonly string[]
  /** Whom it is in truth about; absent: who holds the prefixes. */
  readonly providers?: readonly string[]
  /** No matter where to. */
  readonly all?: true
}

export interface Board {
  readonly topology: Topology
  /** What the service offers now. */
  readonly offer: Pick<Offer, 'endpoints' | 'proxies' | 'doh'>
}

const titles: Readonly<Record<PlainAim, string>> = {
  usual: 'the relay’s usual addresses',
  service: 'the whole service',
  messages: 'messages',
  media: 'photos and files',
  links: 'public links',
  web: 'the website',
  bridges: 'the bridges',
  lookups: 'public name lookups',
  abroad: 'everything abroad',
  everything: 'everything',
}

/** `null`: there is nothing of that kind. `country`: where the censor is. */
export function targetOf(aim: string, country: string, { topology, offer }: Board): Target | null {
  // What a story brought is there while that story plays only.
  const isLasting = ({ id: each }: { readonly id: string }) => topology.broughtBy(each) === null
  const hosts = topology.world.hosts.filter(isLasting)
  const providers = topology.world.providers.filter(isLasting)
  const [kind = '', id = ''] = aim.split(':')
  if (kind === 'cloud') {
    const cloud = topology.provider(id)
    if (!cloud || cloud.kind === 'access' || cloud.kind === 'transit') return null
    return { title: `all of ${cloud.title}`, names: namesOf(hosts.filter((host) => host.provider === id)), prefixes: cloud.prefixes }
  }
  if (kind === 'neighbour') {
    const host = topology.host(id)
    if (host?.kind !== 'site') return null
    return { title: host.title, names: host.names, prefixes: host.addresses.map(alone) }
  }
  if (!isPlainAim(kind)) return null
  const title = titles[kind]
  const endpoints = offer.endpoints.filter((endpoint, i) => {
    if (kind === 'service') return true
    if (kind === 'usual') return offer.endpoints.findIndex((other) => other.plane === endpoint.plane) === i
    return endpoint.plane === (kind === 'messages' ? 'chat' : kind)
  })
  switch (kind) {
    case 'bridges':
      return { title, names: [], prefixes: unique(offer.proxies.map(({ address }) => alone(address))) }
    case 'lookups': {
      const open = hosts.filter((host) => host.kind === 'doh' || (host.kind === 'resolver' && !isAccess(topology, host.provider)))
      return { title, names: namesOf(open), prefixes: unique(open.flatMap((host) => host.addresses.map(alone))) }
    }
    case 'abroad': {
      const abroad = providers
        .filter((provider) => provider.country !== country && provider.kind !== 'access')
        .map((provider) => provider.id)
      return { title, names: [], prefixes: [], providers: abroad }
    }
    case 'everything':
      return { title, names: unique([...namesOf(hosts), ...offer.endpoints.map(({ host }) => host)]), prefixes: [], all: true }
    default:
      return {
        title,
        names: unique(endpoints.map(({ host }) => host)),
        prefixes: unique(endpoints.flatMap(({ addresses }) => addresses.map(alone))),
      }
  }
}

function isPlainAim(kind: string): kind is PlainAim {
  return kind in titles
}

function isAccess(topology: Topology, provider: string): boolean {
  return topology.provider(provider)?.kind === 'access'
}

function namesOf(hosts: readonly Host[]): string[] {
  return unique(hosts.filter((host) => host.kind !== 'talker').flatMap((host) => host.names))
}

function alone(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
