/** A DNS port on loopback, UDP and TCP (RFC 7766): what goes in comes out at a place of the lab, and its resolver answers. */
import { createSocket } from 'node:dgram'
import { createServer, isIPv6, type Socket } from 'node:net'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Network } from '../../core/net/network.ts'
import { readExactly } from '../../core/net/read-stream.ts'
import type { HostPort } from '../options.ts'
import { type Door, listening } from './door.ts'
import { ANSWER_MS, type Lookups, readQuestion } from './lookups.ts'

/** Questions under way, and connections open, at once. */
const MOST = 256

export async function openDnsDoor(at: HostPort, network: Network, lookups: Lookups, clock: Clock): Promise<Door> {
  const closing = new AbortController()
  const asking = new Set<Promise<void>>()
  const sockets = new Set<Socket>()

  const byTcp = async (socket: Socket) => {
    const resolver = lookups.resolver()
    if (!resolver) return
    const limit = () => AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_MS)])
    const far = await network.connect(resolver, limit())
    far.on('error', () => {})
    try {
      for (;;) {
        const length = await readExactly(socket, 2, limit())
        const message = await readExactly(socket, length.readUInt16BE(), limit())
        const question = readQuestion(message)
        if (!question) return
        const began = clock.monotonic()
        far.write(Buffer.concat([length, message]))
        const answer = async () => {
          const replyLength = await readExactly(far, 2, limit())
          return [replyLength, await readExactly(far, replyLength.readUInt16BE(), limit())] as const
        }
        const reply = await answer().catch(() => null)
        lookups.note(question, 'dns', began, reply?.[1] ?? null, false)
        if (!reply) return
        socket.write(Buffer.concat(reply))
      }
    } finally {
      far.destroy()
    }
  }
  const tcp = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= MOST) return void socket.destroy()
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    // A client that says nothing, or nothing readable, is let go.
    byTcp(socket)
      .catch(() => {})
      .finally(() => socket.destroySoon())
  })
  const port = await listening(tcp, at)

  const udp = createSocket(isIPv6(at.host) ? 'udp6' : 'udp4')
  const byUdp = async (message: Uint8Array, question: NonNullable<ReturnType<typeof readQuestion>>, back: (reply: Uint8Array) => void) => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_MS)])
    for await (const reply of lookups.ask(message, question, 'dns', signal)) back(reply)
  }
  udp.on('error', () => {})
  udp.on('message', (message, from) => {
    const question = asking.size < MOST ? readQuestion(message) : null
    if (!question) return
    const work = byUdp(message, question, (reply) => udp.send(reply, from.port, from.address, () => {})).finally(() => asking.delete(work))
    asking.add(work)
  })
  try {
    // The port that TCP was given; both are one service.
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject)
      udp.bind(port, at.host, resolve)
    })
  } catch (error) {
    tcp.close()
    throw error
  }
  return {
    port,
    async close() {
      closing.abort()
      for (const socket of sockets) socket.destroy()
      await Promise.all([new Promise<void>((done) => tcp.close(() => done())), ...asking])
      await new Promise<void>((done) => udp.close(done))
    },
  }
}
