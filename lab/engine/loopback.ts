/** Real local servers behind virtual addresses: the only sockets the lab ever opens, and to loopback only. */
import { connect, type Socket } from 'node:net'
import { loopbackOnly } from './address.ts'
import type { Connect } from './engine.ts'

const CONNECT_TIMEOUT_MS = 5000

/** Throws `RangeError` at once for any other host than a loopback literal. */
export function loopback(host: string, port: number): Connect {
  loopbackOnly(host)
  return () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, timeout: CONNECT_TIMEOUT_MS })
      const fail = (error: Error) => {
        socket.destroy()
        reject(error)
      }
      socket.once('error', fail)
      socket.once('timeout', () => fail(new Error('timed out')))
      socket.once('connect', () => {
        socket.off('error', fail)
        socket.setTimeout(0)
        socket.removeAllListeners('timeout')
        resolve(socket)
      })
    })
}
