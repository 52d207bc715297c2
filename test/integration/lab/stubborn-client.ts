/** A client that does not give up: it holds one connection to the service, and when nothing comes back takes the next way it knows. */
import type { Duplex } from 'node:stream'
import type { Network } from '../../../electron/core/net/network.ts'
import type { Offer } from '../../../shared/protocol/processes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { clientHello } from '../../unit/lab/hello.ts'

export interface StubbornClient {
  /** Where it is connected, as the censor would write it; `null`: nowhere. */
  at(): string | null
  offered(offer: Pick<Offer, 'endpoints' | 'proxies'>): void
  close(): void
}

const BEAT_MS = 250
const PATIENCE_MS = 800

export function startStubborn(network: Network, clock: Clock, first: Pick<Offer, 'endpoints' | 'proxies'>): StubbornClient {
  let ways = waysOf(first)
  let turn = 0
  let at: string | null = null
  let isClosed = false
  let hang: (() => void) | null = null
  const again = () => {
    if (isClosed) return
    const way = ways[turn % ways.length]
    if (!way) return
    const signal = new AbortController()
    let heardAt = clock.monotonic()
    let stream: Duplex | null = null
    const timer = { now: clock.after(0, () => {}) }
    const leave = () => {
      timer.now.cancel()
      signal.abort()
      stream?.on('error', () => {}).destroy()
      at = null
      hang = null
    }
    hang = leave
    const next = () => {
      if (hang !== leave) return
      leave()
      turn++
      again()
    }
    const beat = () => {
      if (clock.monotonic() - heardAt > PATIENCE_MS) return next()
      stream?.write(Uint8Array.of(0x17, 3, 3, 0, 4, 1, 2, 3, 4))
      timer.now = clock.after(BEAT_MS, beat)
    }
    beat()
    network.connect({ address: way.address, port: way.port }, signal.signal).then(
      async (opened) => {
        stream = opened
        opened.on('error', next).on('close', next)
        const lines = [...(await way.says())]
        opened.on('data', () => {
          heardAt = clock.monotonic()
          const line = lines.shift()
          if (line) opened.write(line)
          else at = way.address
        })
        const line = lines.shift()
        if (line) opened.write(line)
      },
      () => next(),
    )
  }
  again()
  return {
    at: () => at,
    offered(offer) {
      ways = waysOf(offer)
    },
    close() {
      isClosed = true
      hang?.()
    },
  }
}

function waysOf({ endpoints, proxies }: Pick<Offer, 'endpoints' | 'proxies'>) {
  const chat = endpoints.filter((endpoint) => endpoint.plane === 'chat')
  const [main] = chat
  const target = main?.addresses[0] ?? ''
  const direct = chat.flatMap(({ addresses, port, host }) =>
    addresses.map((address) => ({ address, port, says: async () => [await clientHello(host)] })),
  )
  const behind = proxies.map(({ kind, address, port }) => ({
    address,
    port,
    says: async () =>
      kind === 'socks5'
        ? [Uint8Array.of(5, 1, 0), Uint8Array.of(5, 1, 0, 1, ...target.split('.').map(Number), 1, 187), await clientHello(main?.host ?? '')]
        : [Buffer.from(`CONNECT ${target}:443 HTTP/1.1\r\nHost: ${target}\r\n\r\n`), await clientHello(main?.host ?? '')],
  }))
  return [...direct, ...behind]
}
