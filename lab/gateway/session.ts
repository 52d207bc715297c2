/** One client's uplink (shared/protocol/uplink.ts): frames in, flows of the engine out. A violation ends this connection alone. */
import type { Duplex } from 'node:stream'
import { INITIAL_CREDIT, MAX_CREDIT, UplinkDecoder, UplinkError, type UplinkFrame, uplinkWriter } from '../../shared/protocol/uplink.ts'
import type { Timer } from '../../shared/util/clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { FlowHandle } from '../engine/flow-api.ts'
import type { Clients } from './clients.ts'

/** Open at once, per connection. */
const MAX_FLOWS = 4096
/** Names of clients that the lab has heard of, ever. */
const MAX_CLIENTS = 4096
/** What a client has not read yet, of all its flows. */
const MAX_UNREAD = 67_108_864
/** A datagram port nobody used for so long is forgotten. */
const PORT_IDLE_MS = 30_000
/** A client that has not said who it is by then is none. */
const HELLO_TIMEOUT_MS = 10_000

interface OpenFlow {
  readonly handle: FlowHandle
  opened: boolean
  /** Bytes it may still send, and may still be sent. */
  credit: number
  window: number
  finSent: boolean
  finGot: boolean
}

/** Serves `stream` until either side ends it. `onViolation` is told what was wrong, never whose bytes they were. */
export function serveUplink(stream: Duplex, engine: Engine, clients: Clients, onViolation: (reason: string) => void): void {
  const decoder = new UplinkDecoder()
  const write = uplinkWriter(stream)
  const flows = new Map<number, OpenFlow>()
  const ports = new Map<number, Timer>()
  let name: string | null = null
  let done = false

  const send = (frame: UplinkFrame) => {
    if (done || !stream.writable) return
    write(frame)
    if (stream.writableLength > MAX_UNREAD) violation('does not read what it is sent')
  }
  const forgetAll = () => {
    for (const { handle } of flows.values()) handle.reset()
    flows.clear()
    for (const timer of ports.values()) timer.cancel()
    ports.clear()
  }
  const finish = () => {
    if (done) return
    done = true
    helloTimer.cancel()
    for (const undo of undos) undo()
    forgetAll()
    if (name !== null) clients.leave(name)
    stream.destroy()
  }
  const violation = (reason: string) => {
    if (done) return
    onViolation(reason)
    finish()
  }

  const cutAll = () => {
    for (const [flow, { opened }] of flows) send(opened ? { t: 'reset', flow } : { t: 'refused', flow, code: 'ENETUNREACH' })
    forgetAll()
  }
  const undos = [
    clients.changed.on((change) => {
      if (change.name !== name || !change.moved) return
      // As a machine sees it: the network is another one now, and what was open over the old one is gone.
      send({ t: 'facts', facts: clients.factsOf(change.name) })
      cutAll()
    }),
    clients.refreshed.on(({ place, cut }) => {
      if (name === null || clients.originOf(name).place !== place) return
      send({ t: 'facts', facts: clients.factsOf(name) })
      if (cut) cutAll()
    }),
  ]

  const open = (client: string, flow: number, address: string, port: number) => {
    if (flow === 0 || flows.has(flow) || port === 0) throw new UplinkError('bad flow number')
    if (flows.size >= MAX_FLOWS) throw new UplinkError('too many flows')
    const current = () => flows.get(flow) === entry
    const to = { address, port }
    const handle = openEngineFlow(() =>
      engine.open(clients.originOf(client), to, {
        opened() {
          if (!current()) return
          entry.opened = true
          send({ t: 'opened', flow })
        },
        refused(code) {
          if (!current()) return
          flows.delete(flow)
          send({ t: 'refused', flow, code })
        },
        segment(bytes) {
          if (!current()) return
          entry.window -= bytes.length
          send({ t: 'segment', flow, bytes })
        },
        fin() {
          if (!current()) return
          send({ t: 'fin', flow })
          if (entry.finSent) flows.delete(flow)
          else entry.finGot = true
        },
        reset() {
          if (!current()) return
          flows.delete(flow)
          send({ t: 'reset', flow })
        },
        credit(bytes) {
          if (!current()) return
          entry.credit += bytes
          send({ t: 'credit', flow, bytes })
        },
      }),
    )
    const entry: OpenFlow = { handle, opened: false, credit: INITIAL_CREDIT, window: INITIAL_CREDIT, finSent: false, finGot: false }
    flows.set(flow, entry)
  }

  const handle = (client: string, frame: UplinkFrame) => {
    switch (frame.t) {
      case 'open':
        return open(client, frame.flow, frame.address, frame.port)
      case 'segment': {
        // A flow the lab has just ended may still be written to; that is no fault of the client.
        const flow = flows.get(frame.flow)
        if (!flow) return
        if (!flow.opened || flow.finSent) throw new UplinkError('segment out of turn')
        flow.credit -= frame.bytes.length
        if (flow.credit < 0) throw new UplinkError('more than was credited')
        return flow.handle.segment(frame.bytes)
      }
      case 'fin': {
        const flow = flows.get(frame.flow)
        if (!flow || flow.finSent) return
        flow.finSent = true
        if (flow.finGot) flows.delete(frame.flow)
        return flow.handle.fin()
      }
      case 'reset':
        flows.get(frame.flow)?.handle.reset()
        flows.delete(frame.flow)
        ports.get(frame.flow)?.cancel()
        return void ports.delete(frame.flow)
      case 'credit': {
        const flow = flows.get(frame.flow)
        if (!flow) return
        flow.window += frame.bytes
        if (flow.window > MAX_CREDIT) throw new UplinkError('more credit than there may be')
        return flow.handle.credit(frame.bytes)
      }
      case 'datagram': {
        const { flow, address, port, bytes } = frame
        if (flow === 0 || port === 0) throw new UplinkError('bad flow number')
        if (!ports.has(flow) && ports.size >= MAX_FLOWS) throw new UplinkError('too many flows')
        ports.get(flow)?.cancel()
        const timer = engine.clock.after(PORT_IDLE_MS, () => void ports.delete(flow))
        ports.set(flow, timer)
        return openEngineFlow(() =>
          engine.datagram(clients.originOf(client), { address, port }, bytes, (reply) => {
            if (ports.has(flow)) send({ t: 'datagram', flow, ...reply })
          }),
        )
      }
      default:
        throw new UplinkError(`${frame.t} is not for clients to say`)
    }
  }

  const greet = (frame: UplinkFrame) => {
    if (frame.t !== 'hello') throw new UplinkError('expected a hello')
    if (frame.vantage !== null && !engine.topology.place(frame.vantage)) throw new UplinkError('no such place')
    if (!clients.isKnown(frame.client) && clients.list().length >= MAX_CLIENTS) throw new UplinkError('too many clients')
    helloTimer.cancel()
    if (frame.vantage !== null) clients.place(frame.client, frame.vantage)
    name = frame.client
    clients.join(name)
    send({ t: 'facts', facts: clients.factsOf(name) })
  }

  const helloTimer = engine.clock.after(HELLO_TIMEOUT_MS, () => violation('no hello'))
  stream.on('data', (chunk: Buffer) => {
    try {
      for (const frame of decoder.push(chunk)) {
        if (done) return
        if (name === null) greet(frame)
        else handle(name, frame)
      }
    } catch (error) {
      if (!(error instanceof UplinkError)) throw error
      violation(error.message)
    }
  })
  stream.on('error', finish)
  stream.on('end', finish)
  stream.on('close', finish)
}

/** An address the frame's own check let through may still be no address. */
function openEngineFlow<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof RangeError) throw new UplinkError('malformed address')
    throw error
  }
}
