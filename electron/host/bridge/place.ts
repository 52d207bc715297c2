/** Where a bridge stands: behind which address of which network others find it. Two kinds of network, one interface. */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'
import type { BridgeState } from '../../../shared/contract/bridge.ts'
import type { CoreStart } from '../engine.ts'
import type { LabClient } from '../rehearsal.ts'

export interface Found {
  readonly address: string
  readonly port: number
  readonly reach: NonNullable<BridgeState['reach']>
}

export interface BridgePlace {
  /** By which the bridge itself gets to the relay. */
  network(user: string): CoreStart['network']
  /** What the bridge listens on; port 0: a free one. */
  listen(port: number): { readonly host: string; readonly port: number }
  /** Lets others in, to what listens on `bound`. `wished`: where they are to find it; `null` if they cannot at all. */
  open(user: string, bound: number, wished: { readonly address: string | null; readonly port: number }): Promise<Found | null>
  /** Nobody is let in any more. */
  close(user: string, port: number): Promise<void>
  /** Somebody may be found elsewhere now: `open` tells. Returns its undo. */
  onMoved(listener: () => void): () => void
}

/** In the simulated internet: on the address of the user's computer there, and with it when it moves. */
export function rehearsalPlace(lab: LabClient, labAddress: string): BridgePlace {
  return {
    network: (client) => ({ kind: 'lab', address: labAddress, client, vantage: null }),
    listen: () => ({ host: '127.0.0.1', port: 0 }),
    async open(client, bound, { port }) {
      const { address } = await lab.call('lab.listen', { client, port, server: { host: '127.0.0.1', port: bound } })
      return { address, port, reach: 'rehearsal' }
    },
    async close(client, port) {
      await lab.call('lab.listen', { client, port, server: null })
    },
    onMoved(listener) {
      let before = ''
      return lab.on('state.changed', ({ clients }) => {
        const now = clients.map(({ name, vantage }) => `${name} ${vantage}`).join()
        if (now !== before) listener()
        before = now
      })
    },
  }
}

/** In the network of this computer. `interfaces`: as Node's `networkInterfaces` answers. */
export function realPlace(interfaces: typeof networkInterfaces = networkInterfaces): BridgePlace {
  return {
    network: () => ({ kind: 'system' }),
    listen: (port) => ({ host: '0.0.0.0', port }),
    async open(_user, _bound, { address, port }) {
      const found = address ?? ownAddress(interfaces())
      if (found === null || isIP(found) === 0) return null
      return { address: ipaddr.parse(found).toString(), port, reach: isPublic(found) ? 'internet' : 'local' }
    },
    close: async () => {},
    onMoved: () => () => {},
  }
}

/** RFC 6890: what is not set apart for anything is the public internet. */
const isPublic = (address: string) => ipaddr.process(address).range() === 'unicast'

/** A public one if there is one. IPv4 only, for that is what it listens on. */
function ownAddress(interfaces: ReturnType<typeof networkInterfaces>): string | null {
  const own = Object.values(interfaces).flatMap((each) => each ?? [])
  const usable = own.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)
  return usable.find(isPublic) ?? usable[0] ?? null
}
