/** How machines of the simulated world use it themselves: a stream over a flow, and questions to a resolver. */
import { Duplex } from 'node:stream'
import { MAX_SEGMENT } from '../../shared/protocol/uplink.ts'
import type { Answer } from './datagrams.ts'
import type { Engine, Origin, Target } from './engine.ts'
import { nodeError } from './errors.ts'
import type { FlowHandle, FlowSink } from './flow-api.ts'

class FlowStream extends Duplex {
  flow: FlowHandle | null = null
  #window = 65_536
  #blocked: (() => void) | null = null
  #unacknowledged = 0

  constructor() {
    super({ allowHalfOpen: true, autoDestroy: true })
  }

  override _read(): void {
    this.#acknowledge()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const send = (at: number) => {
      if (at >= chunk.length) {
        done()
        return
      }
      const part = chunk.subarray(at, at + MAX_SEGMENT)
      if (part.length > this.#window) {
        this.#blocked = () => send(at)
        return
      }
      this.#window -= part.length
      this.flow?.segment(part)
      send(at + part.length)
    }
    send(0)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.flow?.fin()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.flow?.reset()
    done(error)
  }

  arrived(bytes: Uint8Array): void {
    this.#unacknowledged += bytes.length
    if (this.push(bytes)) this.#acknowledge()
  }

  #acknowledge(): void {
    const bytes = this.#unacknowledged
    this.#unacknowledged = 0
    if (bytes > 0) this.flow?.credit(bytes)
  }

  credited(bytes: number): void {
    this.#window += bytes
    const blocked = this.#blocked
    this.#blocked = null
    blocked?.()
  }
}

/**
 * Opens a flow and resolves once it is established. Rejects with a Node-style error (`syscall: 'connect'`), or the signal's
 * reason.
 */
export function dial(engine: Engine, from: Origin, to: Target, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const stream = new FlowStream()
    const onAbort = () => {
      flow.reset()
      reject(signal.reason)
    }
    const sink: FlowSink = {
      opened() {
        signal.removeEventListener('abort', onAbort)
        stream.flow = flow
        resolve(stream)
      },
      refused(code) {
        signal.removeEventListener('abort', onAbort)
        reject(nodeError(code, 'connect'))
      },
      segment: (bytes) => stream.arrived(bytes),
      fin: () => void stream.push(null),
      reset: () => void stream.destroy(nodeError('ECONNRESET', 'read')),
      credit: (bytes) => stream.credited(bytes),
    }
    const flow = engine.open(from, to, sink)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** Sends one datagram and resolves with the first reply; rejects with the signal's reason. */
export function ask(engine: Engine, from: Origin, to: Target, message: Uint8Array, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    engine.datagram(from, to, message, resolve)
  })
}
