/** socket.io-client as anybody would use it: the network's resolver, the first address it names, polling first, its own reconnection. */
import { Agent } from 'node:https'
import { type Duplex, PassThrough } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { Manager } from 'socket.io-client'
import type { Network } from '../../../electron/core/net/network.ts'
import { firstAddress } from '../../../electron/host/plain-client.ts'
import type { Installed } from './peer.ts'
import { SERVICE_NAME } from './world.ts'

export function installPlain(network: Network, roots: readonly string[]): Installed {
  return {
    connect: (signal) =>
      new Promise((resolve, reject) => {
        const dial = async () => {
          const address = await firstAddress(network, SERVICE_NAME, signal)
          const socket = await network.connect({ address, port: 443 }, signal)
          return connectTls({ socket, servername: SERVICE_NAME, ca: [...roots], ALPNProtocols: ['http/1.1'] })
        }
        class LabAgent extends Agent {
          // Node's Agent lets the socket come later, through the callback.
          override createConnection(_request: unknown, done?: (error: Error | null, socket: Duplex) => void): undefined {
            void dial().then(
              (socket) => done?.(null, socket),
              // Beside an error Node looks at no socket.
              (error: Error) => done?.(error, new PassThrough()),
            )
          }
        }
        const agent = new LabAgent()
        const manager = new Manager(`https://${SERVICE_NAME}`, { transportOptions: { polling: { agent }, websocket: { agent } } })
        const socket = manager.socket('/')
        socket.on('connect', resolve)
        signal.addEventListener(
          'abort',
          () => {
            manager.reconnection(false)
            manager.engine?.close()
            reject(signal.reason)
          },
          { once: true },
        )
        socket.connect()
      }),
  }
}
