/** Ways to one server: straight to it, through the plain proxy, and through the lab as the product's own client goes. */
import { setMaxListeners } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import type { Target } from '../../../lab/engine/engine.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import type { Program, Programs } from './programs.ts'
import { HOME } from './world.ts'

export interface Way {
  readonly name: string
  open(): Promise<Duplex>
  /** Whose work is counted; `null`: there is nothing between. */
  readonly between: Program | null
}

export function directWay({ server }: Programs): Way {
  return { name: 'straight to the server', open: () => tcp(server.port), between: null }
}

export function proxyWay({ proxy }: Programs): Way {
  return { name: 'plain proxy', open: () => tcp(proxy.port), between: proxy }
}

export function labWay(name: string, { lab }: Programs, network: Network, to: Target): Way {
  return { name, open: () => network.connect(to, never), between: lab }
}

const never = new AbortController().signal
// One for all flows at once.
setMaxListeners(0, never)

export async function join({ lab }: Programs, client: string): Promise<Network> {
  const network = labNetwork({ connect: () => tcp(lab.port), client, vantage: HOME, clock: systemClock })
  if (!network.facts().up) await new Promise<void>((resolve) => network.onChange(({ up }) => up && resolve()))
  return network
}

function tcp(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}
