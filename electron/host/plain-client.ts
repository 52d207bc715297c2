/**
 * The plain client that stands beside the users: socket.io-client as anybody would use it, with its own reconnection, the
 * place's own resolver, the first address it names, ordinary TLS. It has no account: it only asks whether anything gets through.
 */
import { Agent } from 'node:https'
import { type Duplex, PassThrough } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { decode, encode, RECURSION_DESIRED } from 'dns-packet'
import { Manager } from 'socket.io-client'
import type { Clock, Timer } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import { within } from '../core/net/deadline.ts'
import type { Network } from '../core/net/network.ts'

export interface PlainClientOptions {
  /** Owned from here on: closed with the client. */
  readonly network: Network
  readonly host: string
  readonly port: number
  readonly ca: readonly string[]
  readonly clock: Clock
}

export interface PlainState {
  readonly state: 'connecting' | 'connected'
  readonly sinceMs: number
  /** Connections tried since it last heard anything. */
  readonly attempts: number
}

export interface PlainClient {
  state(): PlainState
  onChanged(listener: (state: PlainState) => void): () => void
  close(): void
}

const CHECK_MS = 1000
/** Nothing back for this long: it is no longer counted as connected, whatever its own heartbeat still believes. */
const SILENCE_MS = 3500
const LOOKUP_MS = 5000
/** The socket.io way to ask for a round trip without an account: a namespace that nobody serves is refused at once. */
const KNOCK = '0/plain,'

export function startPlainClient(options: PlainClientOptions): PlainClient {
  const { network, clock } = options
  const changed = createEvents<PlainState>()
  const gone = new AbortController()
  let state: PlainState['state'] = 'connecting'
  let since = clock.monotonic()
  let attempts = 0
  let heardAt = Number.NEGATIVE_INFINITY
  let check: Timer

  const current = (): PlainState => ({ state, sinceMs: Math.round(clock.monotonic() - since), attempts })
  const become = (next: PlainState['state']) => {
    if (state === next) return
    state = next
    attempts = 0
    since = clock.monotonic()
    changed.emit(current())
  }

  class PlainAgent extends Agent {
    // Node's Agent lets the socket come later, through the callback.
    override createConnection(_request: unknown, done?: (error: Error | null, socket: Duplex) => void): undefined {
      if (state === 'connecting') attempts += 1
      void dial(options, gone.signal).then(
        (socket) => done?.(null, socket),
        // Beside an error Node looks at no socket.
        (error: Error) => done?.(error, new PassThrough()),
      )
    }
  }

  const manager = new Manager(`https://${options.host}:${options.port}`, {
    transports: ['websocket'],
    transportOptions: { websocket: { agent: new PlainAgent() } },
  })
  const heard = () => {
    heardAt = clock.monotonic()
    become('connected')
  }
  manager.on('open', () => {
    manager.engine.on('packet', heard)
    heard()
  })
  const knock = () => {
    if (manager.engine?.readyState === 'open') manager.engine.send(KNOCK)
    if (clock.monotonic() - heardAt > SILENCE_MS) become('connecting')
    check = clock.after(CHECK_MS, knock)
  }
  check = clock.after(CHECK_MS, knock)

  return {
    state: current,
    onChanged: changed.on,
    close() {
      check.cancel()
      gone.abort()
      manager.removeAllListeners()
      manager.reconnection(false)
      manager.engine?.close()
      network.close()
    },
  }
}

async function dial({ network, host, port, ca, clock }: PlainClientOptions, signal: AbortSignal): Promise<Duplex> {
  const address = await within(clock, LOOKUP_MS, signal, (limit) => firstAddress(network, host, limit))
  const socket = await network.connect({ address, port }, signal)
  return tlsConnect({ socket, servername: host, ca: [...ca], ALPNProtocols: ['http/1.1'] })
}

/** Asks the resolver that this network named, once, and takes the first address of the first answer. */
export async function firstAddress(network: Network, name: string, signal: AbortSignal): Promise<string> {
  const [resolver] = network.facts().resolvers
  if (!resolver) throw new Error('this network names no resolver')
  const query = encode({
    type: 'query',
    id: Math.floor(Math.random() * 65_536),
    flags: RECURSION_DESIRED,
    questions: [{ type: 'A', name }],
  })
  for await (const reply of network.exchange(resolver, query, signal)) {
    const answer = decode(Buffer.from(reply.bytes)).answers?.find((record) => record.type === 'A')
    if (answer?.type === 'A') return answer.data
    break
  }
  throw new Error('no address')
}
