/** A small simulated world around a real relay: what stands in the way of each address is for the test to say. */
import { connect, type Server } from 'node:net'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { createReach } from '../../../electron/core/reach/reach.ts'
import type { Reach, ReachOptions } from '../../../electron/core/reach/reach-interface.ts'
import type { Identity } from '../../../electron/core/reach/relay-link.ts'
import type { ValueStore } from '../../../electron/core/store/values.ts'
import { type Authority, openAuthority } from '../../../lab/services/authority.ts'
import type { Offer } from '../../../shared/protocol/processes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { emptyOffer, type RelayHere, relayHere } from '../../support/relay-here.ts'
import { type Behind, type TinyGateway, tinyGateway } from '../net/tiny-gateway.ts'
import { httpConnectProxy, listen, socksProxy } from '../net/tiny-servers.ts'

export const hosts = { chat: 'chat.test', sibling: 'other.test', media: 'media.test', links: 'links.test' }
export const plain = '240.16.0.10'
export const second = '240.16.0.11'
export const siblingAt = '240.17.0.10'
export const mediaAt = '240.16.0.12'
export const linksAt = '240.16.0.13'
export const socksAt = '240.32.0.1'
export const tunnelAt = '240.32.0.2'

export interface WorldHere {
  readonly gateway: TinyGateway
  readonly relay: RelayHere
  readonly authority: Authority
  /** What stands at an address instead of the relay; `null`: the relay. */
  readonly block: Map<string, Behind>
  /** Everything but the first connection to the plain address is silent: who is slow today gets through by no other way. Gives back what frees the rest. */
  onlyPlain(): () => void
  readonly relayBehind: () => Behind
  network(): Network
  reach(options?: Partial<ReachOptions>): ReachHere
  end(): Promise<void>
}

export interface ReachHere {
  readonly reach: Reach
  readonly seen: Observation[]
  readonly values: ValueStore
  readonly network: Network
  /** Resolves with the state once `holds`; rejects after fifteen seconds. */
  until(holds: (state: ReturnType<Reach['state']>) => boolean): Promise<ReturnType<Reach['state']>>
}

export function memoryValues(): ValueStore {
  const kept = new Map<string, string>()
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void (value === null ? kept.delete(key) : kept.set(key, value)),
  }
}

export function identityOf(handle: string, seed: number): Identity {
  const random = seededRandom(seed)
  return { handle, key: signingKeyFromSeed(random.bytes(32)), device: random.bytes(16) }
}

export async function worldHere(change: (offer: Offer) => Offer = (offer) => offer): Promise<WorldHere> {
  const authority = await openAuthority(null, 'lab root', Date.now)
  const endpoint = (id: string, plane: 'chat' | 'media' | 'links', host: string, addresses: string[], provider: string) => ({
    id,
    plane,
    host,
    port: 443,
    addresses,
    provider,
  })
  const offer = change({
    ...emptyOffer,
    roots: [authority.root],
    endpoints: [
      endpoint('chat-a', 'chat', hosts.chat, [plain, second], 'alpha'),
      endpoint('chat-b', 'chat', hosts.sibling, [siblingAt], 'beta'),
      endpoint('media-a', 'media', hosts.media, [mediaAt], 'alpha'),
      endpoint('links-a', 'links', hosts.links, [linksAt], 'alpha'),
    ],
    proxies: [
      { id: 'socks', kind: 'socks5', address: socksAt, port: 1080 },
      { id: 'tunnel', kind: 'http-connect', address: tunnelAt, port: 3128 },
    ],
  })
  const relay = await relayHere({ certificate: await authority.issue(Object.values(hosts)), offer })
  const gateway = await tinyGateway()
  const relayBehind = (): Behind => ({ port: relay.relay.port })
  const block = new Map<string, Behind>()
  const toRelay = () => relay.relay.port
  const servers: Server[] = [socksProxy(toRelay), httpConnectProxy(toRelay)]
  const [socksPort = 0, tunnelPort = 0] = await Promise.all(servers.map(listen))
  /** So many connections to the plain address are answered yet. */
  let firsts = Number.POSITIVE_INFINITY
  gateway.behind = (address) => {
    const blocked = block.get(address) ?? (address === plain && firsts-- <= 0 ? 'silence' : undefined)
    if (blocked !== undefined) return blocked
    if (address === socksAt) return { port: socksPort }
    return address === tunnelAt ? { port: tunnelPort } : relayBehind()
  }
  const closers: (() => void)[] = []
  const network = () => {
    const made = labNetwork({
      connect: () =>
        new Promise((resolve, reject) => {
          const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
          socket.once('error', reject)
        }),
      client: 'alice',
      vantage: null,
      clock: systemClock,
    })
    closers.push(() => made.close())
    return made
  }
  return {
    gateway,
    relay,
    authority,
    block,
    onlyPlain() {
      const others = [second, siblingAt, socksAt, tunnelAt]
      for (const at of others) block.set(at, 'silence')
      firsts = 1
      return () => {
        for (const at of others) block.delete(at)
        firsts = Number.POSITIVE_INFINITY
      }
    },
    relayBehind,
    network,
    reach(options = {}) {
      const made = options.network ?? network()
      const values = options.values ?? memoryValues()
      const seen: Observation[] = []
      const reach = createReach({
        network: made,
        clock: systemClock,
        random: seededRandom(7),
        bundle: relay.relay.bundle,
        values,
        identity: identityOf('alice', 1),
        cursor: { cursor: () => 0 },
        log: { info: () => {}, warn: () => {} },
        ...options,
      })
      closers.unshift(() => reach.close())
      reach.onObservation((observation) => seen.push(observation))
      return {
        reach,
        seen,
        values,
        network: made,
        until: (holds) =>
          new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
              stop()
              reject(new Error(`never came: ${JSON.stringify(reach.state(), null, 1)}`))
            }, 15_000)
            const look = () => {
              const state = reach.state()
              if (!holds(state)) return
              clearTimeout(timer)
              stop()
              resolve(state)
            }
            const stop = reach.onState(look)
            look()
          }),
      }
    },
    async end() {
      for (const close of closers) close()
      await gateway.close()
      for (const server of servers) server.close()
      await relay.end()
    },
  }
}
