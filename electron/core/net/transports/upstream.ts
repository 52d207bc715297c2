/**
 * A SOCKS5 port on the loopback through which other programs of ours get out by the Network in use, the simulated one too. It has
 * a password, takes literal addresses only, and looks nothing up.
 */
import { createServer, type Socket } from 'node:net'
import ipaddr from 'ipaddr.js'
import { toBase64Url } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Network, SocketAddress } from '../network.ts'
import { readExactly } from '../read-stream.ts'

export interface Upstream {
  /** With its password: for `TOR_PT_PROXY`. */
  readonly url: string
  close(): void
}

const USER = 'upstream'
// RFC 1928 section 6.
const replies: Readonly<Record<string, number>> = { ENETUNREACH: 3, EHOSTUNREACH: 4, ECONNREFUSED: 5 }
const GENERAL_FAILURE = 1
const NOT_SUPPORTED = 7

export function openUpstream(network: Network, random: Random): Promise<Upstream> {
  const password = toBase64Url(random.bytes(18))
  const closing = new AbortController()
  const server = createServer({ noDelay: true }, (socket) => {
    const gone = new AbortController()
    const end = () => socket.destroy()
    closing.signal.addEventListener('abort', end, { once: true })
    socket.on('error', () => {})
    socket.on('close', () => {
      closing.signal.removeEventListener('abort', end)
      gone.abort()
    })
    serve(socket, network, password, gone.signal).catch(end)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const at = server.address()
      const port = typeof at === 'object' && at !== null ? at.port : 0
      resolve({
        url: `socks5://${USER}:${password}@127.0.0.1:${port}`,
        close() {
          closing.abort()
          server.close()
        },
      })
    })
  })
}

async function serve(socket: Socket, network: Network, password: string, signal: AbortSignal): Promise<void> {
  const reply = (code: number) => socket.write(Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0))
  const [version, count = 0] = await readExactly(socket, 2, signal)
  const methods = await readExactly(socket, count, signal)
  if (version !== 5 || !methods.includes(2)) return void socket.end(Uint8Array.of(5, 255))
  socket.write(Uint8Array.of(5, 2))
  const [, nameLength = 0] = await readExactly(socket, 2, signal)
  await readExactly(socket, nameLength, signal)
  const [wordLength = 0] = await readExactly(socket, 1, signal)
  const isKnown = (await readExactly(socket, wordLength, signal)).toString() === password
  socket.write(Uint8Array.of(1, isKnown ? 0 : 1))
  if (!isKnown) return void socket.end()
  const [, command, , type = 0] = await readExactly(socket, 4, signal)
  const to = await readTarget(socket, type, signal)
  if (command !== 1 || !to) {
    reply(NOT_SUPPORTED)
    return void socket.end()
  }
  try {
    const far = await network.connect(to, signal)
    if (socket.destroyed) return void far.destroy()
    reply(0)
    socket.pipe(far)
    far.pipe(socket)
    far.on('error', () => socket.destroy())
    far.on('close', () => socket.destroy())
    socket.on('close', () => far.destroy())
  } catch (error) {
    reply(replies[error instanceof Error && 'code' in error ? String(error.code) : ''] ?? GENERAL_FAILURE)
    socket.end()
  }
}

async function readTarget(socket: Socket, type: number, signal: AbortSignal): Promise<SocketAddress | null> {
  if (type !== 1 && type !== 4) return null
  const address = ipaddr.fromByteArray([...(await readExactly(socket, type === 1 ? 4 : 16, signal))]).toString()
  return { address, port: (await readExactly(socket, 2, signal)).readUInt16BE() }
}
