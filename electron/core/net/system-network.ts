/** The real network: node:net and node:dgram to literal addresses only, and what this computer knows of its own network. */
import { createSocket } from 'node:dgram'
import { connect as connectTcp, isIP } from 'node:net'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import { socketError } from './errors.ts'
import { createInbox } from './inbox.ts'
import type { DatagramReply, Network, NetworkFacts, SocketAddress } from './network.ts'
import { readSystemFacts } from './system-facts.ts'

/** How often the system is asked for changes: Node has no event for them. */
const POLL_MS = 3_000

/** Answers literals and nothing else, so that no name can ever reach the system resolver from here. */
const literalsOnly = (host: string, _options: unknown, callback: (error: Error | null, address: string, family: number) => void): void => {
  const family = isIP(host)
  if (family === 0) callback(new Error('a name reached a connection that takes literal addresses only'), '', 0)
  else callback(null, host, family)
}

export function systemNetwork({ clock, readFacts = readSystemFacts }: { clock: Clock; readFacts?: typeof readSystemFacts }): Network {
  const changes = createEvents<NetworkFacts>()
  let known = readFacts()
  let changedAt = clock.monotonic()
  let timer: Timer

  const facts = (): NetworkFacts => ({ kind: 'real', ...known, changedAt })
  const poll = () => {
    timer = clock.after(POLL_MS, poll)
    const next = readFacts()
    if (JSON.stringify(next) === JSON.stringify(known)) return
    known = next
    changedAt = clock.monotonic()
    changes.emit(facts())
  }
  timer = clock.after(POLL_MS, poll)

  return { facts, onChange: changes.on, connect, exchange, close: () => timer.cancel() }
}

const connect: Network['connect'] = (to, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    if (isIP(to.address) === 0) return reject(socketError('EINVAL', 'connect'))
    const socket = connectTcp({ host: to.address, port: to.port, autoSelectFamily: false, lookup: literalsOnly, noDelay: true })
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    // Stays on for the socket's life: a reset may come while nobody listens; `close` tells everybody else.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', onAbort)
      reject(error)
    })
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(socket)
    })
  })

async function* exchange(to: SocketAddress, message: Uint8Array, signal: AbortSignal): AsyncGenerator<DatagramReply> {
  const family = isIP(to.address)
  if (signal.aborted || family === 0) return
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: literalsOnly })
  const inbox = createInbox<DatagramReply>()
  const onAbort = () => inbox.end()
  signal.addEventListener('abort', onAbort, { once: true })
  socket.on('message', (bytes, from) => inbox.put({ bytes, from: { address: from.address, port: from.port } }))
  // To whoever waits, a datagram that could not be sent is one that nobody answered.
  socket.on('error', () => {})
  socket.send(message, to.port, to.address, () => {})
  try {
    yield* inbox.all()
  } finally {
    signal.removeEventListener('abort', onAbort)
    socket.close()
  }
}
