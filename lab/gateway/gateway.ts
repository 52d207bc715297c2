/** The lab's door: a TCP server on loopback, one connection per client. */
import { createServer, type Socket } from 'node:net'
import { loopbackOnly } from '../engine/address.ts'

export interface Gateway {
  /** `host:port`. */
  readonly address: string
  close(): Promise<void>
}

/** Listens on a loopback literal; port 0 picks a free one. Rejects with `RangeError` for any other host. */
export async function openGateway(host: string, port: number, serve: (stream: Socket) => void): Promise<Gateway> {
  loopbackOnly(host)
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const bound = server.address()
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port
  return {
    address: host.includes(':') ? `[${host}]:${boundPort}` : `${host}:${boundPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
