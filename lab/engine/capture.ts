/**
 * What passes a client's own network card, byte for byte, for those who want to read it with a packet analyser. The lab keeps
 * streams, not IP packets: what is told here is what a real card would have seen of them.
 */
import type { Answer } from './datagrams.ts'
import type { Origin, Target } from './engine.ts'
import type { FlowHandle, FlowSink } from './flow-api.ts'

export interface Captured {
  readonly protocol: 'tcp' | 'udp'
  /** Of the flow, or of the question: packets that belong together share it. */
  readonly flow: number
  readonly direction: 'up' | 'down'
  readonly from: string
  readonly to: Target
  /** `reset`: RST. A refused SYN is answered by one; silence and ICMP are not shown. */
  readonly what: 'syn' | 'opened' | 'data' | 'fin' | 'reset'
  readonly bytes: Uint8Array
  /** The way will not bring it there: the same bytes come again. */
  readonly again: boolean
}

export type Tell = (packet: Captured) => void

const NONE = new Uint8Array(0)

export interface Tap {
  readonly sink: FlowSink
  handle(handle: FlowHandle): FlowHandle
  /** A packet of the client's, each time it is sent. */
  sent(packet: 'syn' | 'fin' | Uint8Array, isDropped: boolean): void
}

/** Listens to one flow where the client stands. */
export function tapFlow(flow: number, from: Origin, to: Target, sink: FlowSink, tell: Tell): Tap {
  const say = (direction: 'up' | 'down', what: Captured['what'], bytes: Uint8Array = NONE, again = false) =>
    tell({ protocol: 'tcp', flow, direction, from: from.address, to, what, bytes, again })
  return {
    sink: {
      opened() {
        say('down', 'opened')
        sink.opened()
      },
      refused(code) {
        if (code === 'ECONNREFUSED') say('down', 'reset')
        sink.refused(code)
      },
      segment(bytes) {
        say('down', 'data', bytes)
        sink.segment(bytes)
      },
      fin() {
        say('down', 'fin')
        sink.fin()
      },
      reset() {
        say('down', 'reset')
        sink.reset()
      },
      credit: sink.credit,
    },
    handle: (handle) => ({
      ...handle,
      reset() {
        say('up', 'reset')
        handle.reset()
      },
    }),
    sent(packet, isDropped) {
      if (packet instanceof Uint8Array) say('up', 'data', packet, isDropped)
      else say('up', packet, NONE, isDropped)
    },
  }
}

/** Listens to one question and its answers where the client stands. */
export function tapDatagram(
  flow: number,
  from: Origin,
  to: Target,
  bytes: Uint8Array,
  onReply: (reply: Answer) => void,
  tell: Tell,
): (reply: Answer) => void {
  const packet = { protocol: 'udp', flow, from: from.address, what: 'data', again: false } as const
  tell({ ...packet, direction: 'up', to, bytes })
  return (reply) => {
    tell({ ...packet, direction: 'down', to: { address: reply.address, port: reply.port }, bytes: reply.bytes })
    onReply(reply)
  }
}
