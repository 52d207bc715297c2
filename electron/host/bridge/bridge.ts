/**
 * A bridge for others: TLS, and on a secret path a WebSocket whose binary messages are the bytes of one stream to the relay of a
 * bundle, and to nobody else. To whoever does not know the path it is an ordinary web site. It sees bytes of TLS that are not for
 * it; of who came and when it keeps nothing.
 */
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer } from 'node:tls'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Network, SocketAddress } from '../../core/net/network.ts'
import { type BridgeLimits, type Counts, createAllowance, type Spent } from './allowance.ts'
import { opensBridge } from './first-words.ts'
import type { BridgeIdentity } from './identity.ts'
import { createSite } from './site.ts'

export interface BridgeOptions {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly identity: BridgeIdentity
  /** The relay's addresses, the better first. */
  readonly relay: readonly SocketAddress[]
  readonly limits: BridgeLimits
  /** What an earlier run of this month has carried. */
  readonly spent?: Spent | null
  readonly network: Pick<Network, 'connect'>
  readonly clock: Clock
}

export interface Bridge {
  readonly port: number
  counts(): Counts
  close(): Promise<void>
}

const DIAL_MS = 8_000
/** The app's own heartbeat is far more frequent. */
const IDLE_MS = 180_000
const MAX_MESSAGE = 1 << 20
/** Strangers' connections beside the streams. */
const MORE_CONNECTIONS = 200

/** Resolves once it accepts connections; rejects with the system's error. */
export async function startBridge({ host, port, identity, relay, limits, spent, network, clock }: BridgeOptions): Promise<Bridge> {
  const allowance = createAllowance(limits, clock, spent ?? null)
  const site = createSite()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE })
  const open = new Set<Duplex>()
  // Reads the request once more, for what a WebSocket needs of it.
  const upgrades = createHttpServer()
  upgrades.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const stream = createWebSocketStream(opened)
      stream.on('error', () => {})
      void lead(stream)
    })
  })

  const dial = async (): Promise<Duplex | null> => {
    for (const to of relay) {
      const limit = new AbortController()
      const late = clock.after(DIAL_MS, () => limit.abort(new Error('silence')))
      const far = await network.connect(to, limit.signal).catch(() => null)
      late.cancel()
      if (far) return far
    }
    return null
  }
  const lead = async (stream: Duplex) => {
    const far = await dial()
    if (!far || stream.destroyed) {
      stream.destroy()
      far?.destroy()
      return
    }
    let idle: Timer
    const moved = () => {
      idle?.cancel()
      idle = clock.after(IDLE_MS, end)
    }
    const end = () => {
      idle.cancel()
      stream.destroy()
      far.destroy()
    }
    moved()
    far.on('error', () => {})
    for (const [from, to] of [
      [stream, far],
      [far, stream],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        moved()
        const wait = allowance.spend(bytes.length)
        if (wait === null) return end()
        if (to.write(bytes) && wait <= 0) return
        from.pause()
        let isDue = wait <= 0
        const goOn = () => {
          if (isDue && !to.writableNeedDrain) from.resume()
        }
        if (!isDue)
          clock.after(wait, () => {
            isDue = true
            goOn()
          })
        if (to.writableNeedDrain) to.once('drain', goOn)
      })
      from.on('end', () => to.end())
      from.on('close', end)
    }
  }

  const server = createServer({ cert: identity.cert, key: identity.key, ALPNProtocols: ['http/1.1'], handshakeTimeout: 10_000 })
  server.maxConnections = limits.streams + MORE_CONNECTIONS
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {})
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    void opensBridge(socket, identity.path, clock).then((opens) => {
      // Full, or the day's bytes spent: an ordinary site to friends as well.
      const isFriend = opens && allowance.take()
      if (isFriend) socket.once('close', allowance.give)
      const next = isFriend ? upgrades : site
      next.emit('connection', socket)
      socket.resume()
    })
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    counts: allowance.counts,
    port: (server.address() as AddressInfo).port, // Listening on TCP, so it is one.
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
