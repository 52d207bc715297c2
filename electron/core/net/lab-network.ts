/** The simulated network: carries every connection and datagram to the lab's gateway over one uplink (shared/protocol/uplink.ts). */
import type { Duplex } from 'node:stream'
import { UplinkDecoder, type UplinkFacts, type UplinkFrame, uplinkWriter } from '../../../shared/protocol/uplink.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import { socketError } from './errors.ts'
import { FlowStream } from './flow-stream.ts'
import { createInbox, type Inbox } from './inbox.ts'
import type { DatagramReply, Network, NetworkFacts, SocketAddress } from './network.ts'

export interface LabNetworkOptions {
  /** Opens the connection to the gateway: loopback, or a pair in memory. */
  readonly connect: () => Promise<Duplex>
  /** This client's name, and where it wants to stand (`null`: wherever the lab has put it). */
  readonly client: string
  readonly vantage: string | null
  readonly clock: Clock
}

const RETRY_FIRST_MS = 100
const RETRY_MOST_MS = 5_000
/** How long the gateway may take to tell the first facts. */
const GREETING_MS = 10_000
/** How long a closed flow waits for the other side to close too, before it is cut. */
const LINGER_MS = 10_000

const nowhere: UplinkFacts = { id: '', up: false, gateway: null, resolvers: [], v6: false }

interface Flow {
  readonly stream: FlowStream
  /** Runs while we have closed and the other side has not. */
  linger: Timer | null
}

interface Opening {
  readonly opened: () => FlowStream
  readonly refused: (error: Error) => void
}

/** Never throws: while the gateway cannot be reached, `facts().up` is false, connects fail with ENETUNREACH, and it tries again. */
export function labNetwork({ connect, client, vantage, clock }: LabNetworkOptions): Network {
  const changes = createEvents<NetworkFacts>()
  const opening = new Map<number, Opening>()
  const flows = new Map<number, Flow>()
  const ports = new Map<number, Inbox<DatagramReply>>()
  let uplink: Duplex | null = null
  let known: UplinkFacts = nowhere
  let changedAt = clock.monotonic()
  let lastFlow = 0
  let retryMs = RETRY_FIRST_MS
  let timer: Timer | null = null
  let closed = false

  const facts = (): NetworkFacts => ({ kind: 'simulated', ...known, changedAt })
  const learn = (next: UplinkFacts) => {
    if (JSON.stringify(next) === JSON.stringify(known)) return
    known = next
    changedAt = clock.monotonic()
    changes.emit(facts())
  }
  let write: ((frame: UplinkFrame) => void) | null = null
  const send = (frame: UplinkFrame) => write?.(frame)
  const nextFlow = () => {
    lastFlow = lastFlow >= 0xffff_ffff ? 1 : lastFlow + 1
    return lastFlow
  }

  const open = async () => {
    timer = null
    let stream: Duplex
    try {
      stream = await connect()
    } catch {
      retry()
      return
    }
    if (closed) {
      stream.destroy()
      return
    }
    uplink = stream
    write = uplinkWriter(stream)
    const decoder = new UplinkDecoder()
    timer = clock.after(GREETING_MS, () => stream.destroy())
    stream.on('data', (bytes: Buffer) => {
      try {
        for (const frame of decoder.push(bytes)) take(frame)
      } catch (error) {
        // A gateway that breaks the protocol is not believed any further; everything starts anew.
        stream.destroy(error instanceof Error ? error : undefined)
      }
    })
    stream.on('error', () => {})
    stream.on('end', () => stream.destroy())
    stream.on('close', lost)
    send({ t: 'hello', client, vantage })
  }
  const retry = () => {
    if (closed) return
    timer = clock.after(retryMs, () => void open())
    retryMs = Math.min(retryMs * 2, RETRY_MOST_MS)
  }
  const lost = () => {
    uplink = null
    write = null
    timer?.cancel()
    for (const { refused } of [...opening.values()]) refused(socketError('ENETUNREACH', 'connect'))
    const cut = [...flows]
    for (const [flow] of cut) forget(flow)
    for (const [, { stream }] of cut) stream.receiveReset()
    for (const inbox of [...ports.values()]) inbox.end()
    ports.clear()
    learn({ ...known, up: false })
    retry()
  }

  const take = (frame: UplinkFrame) => {
    switch (frame.t) {
      case 'facts':
        timer?.cancel()
        retryMs = RETRY_FIRST_MS
        learn(frame.facts)
        return
      case 'opened': {
        const waiting = opening.get(frame.flow)
        // Crossed with our giving up: the gateway was told already.
        if (waiting) flows.set(frame.flow, { stream: waiting.opened(), linger: null })
        return
      }
      case 'refused':
        opening.get(frame.flow)?.refused(socketError(frame.code, 'connect'))
        return
      case 'datagram':
        ports.get(frame.flow)?.put({ bytes: frame.bytes, from: { address: frame.address, port: frame.port } })
        return
      case 'hello':
      case 'open':
        throw new Error(`the gateway sent ${frame.t}`)
      default:
        takeFlow(frame)
    }
  }
  const takeFlow = (frame: Extract<UplinkFrame, { t: 'segment' | 'credit' | 'fin' | 'reset' }>) => {
    if (frame.t === 'reset') opening.get(frame.flow)?.refused(socketError('ECONNRESET', 'connect'))
    const stream = flows.get(frame.flow)?.stream
    if (!stream) return
    if (frame.t === 'segment' && !stream.receive(frame.bytes)) throw new Error('segment beyond credit')
    if (frame.t === 'credit') stream.receiveCredit(frame.bytes)
    if (frame.t === 'fin') stream.receiveFin()
    if (frame.t === 'reset') stream.receiveReset()
    if (stream.settled && stream.destroyed) forget(frame.flow)
  }
  const forget = (flow: number) => {
    flows.get(flow)?.linger?.cancel()
    flows.delete(flow)
  }

  const newStream = (flow: number): FlowStream => {
    const stream = new FlowStream((frame) => {
      if (flows.has(flow)) send({ ...frame, flow })
    })
    stream.on('close', () => {
      if (stream.settled) forget(flow)
      const entry = flows.get(flow)
      if (!entry) return
      entry.linger = clock.after(LINGER_MS, () => {
        forget(flow)
        send({ t: 'reset', flow })
      })
    })
    return stream
  }

  void open()
  return {
    facts,
    onChange: changes.on,
    connect: (to, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        if (!uplink) return reject(socketError('ENETUNREACH', 'connect'))
        const flow = nextFlow()
        const done = () => {
          opening.delete(flow)
          signal.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          done()
          send({ t: 'reset', flow })
          reject(signal.reason)
        }
        opening.set(flow, {
          opened: () => {
            done()
            const stream = newStream(flow)
            resolve(stream)
            return stream
          },
          refused: (error) => {
            done()
            reject(error)
          },
        })
        signal.addEventListener('abort', onAbort, { once: true })
        send({ t: 'open', flow, address: to.address, port: to.port })
      }),
    exchange: (to, message, signal) => exchange(to, message, signal),
    close() {
      closed = true
      timer?.cancel()
      for (const flow of [...flows.keys()]) flows.get(flow)?.linger?.cancel()
      uplink?.destroy()
    },
  }

  async function* exchange(to: SocketAddress, message: Uint8Array, signal: AbortSignal): AsyncGenerator<DatagramReply> {
    if (signal.aborted) return
    const flow = nextFlow()
    const inbox = createInbox<DatagramReply>()
    const onAbort = () => inbox.end()
    signal.addEventListener('abort', onAbort, { once: true })
    ports.set(flow, inbox)
    send({ t: 'datagram', flow, address: to.address, port: to.port, bytes: message })
    try {
      yield* inbox.all()
    } finally {
      signal.removeEventListener('abort', onAbort)
      // The port is given up: the gateway may forget it.
      if (ports.delete(flow)) send({ t: 'reset', flow })
    }
  }
}
