/** A TCP connection to what listens on this computer. */
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** Opens a connection to `host:port`. */
export type Connect = (address: string) => Promise<Duplex>

export const connectTcp: Connect = (address) => {
  const { hostname, port } = new URL(`tcp://${address}`)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => resolve(socket))
    socket.once('error', reject)
  })
}
