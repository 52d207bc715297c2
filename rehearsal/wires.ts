/** The loopback interface of a rehearsal, in memory: what listens at a port, and connections to it. No socket is opened. */
import type { Duplex } from 'node:stream'
import { duplexPair } from '../lab/engine/duplex-pair.ts'

export interface Wires {
  /** Port 0 picks a free one. Returns the port, and how to stop listening. */
  listen(port: number, serve: (stream: Duplex) => void): { readonly port: number; close(): void }
  /** Throws if nothing listens there. */
  connect(port: number): Duplex
}

const FIRST_FREE = 49_152

export function createWires(): Wires {
  const doors = new Map<number, (stream: Duplex) => void>()
  let free = FIRST_FREE
  return {
    listen(wanted, serve) {
      const port = wanted === 0 ? free++ : wanted
      if (doors.has(port)) throw new Error(`port ${port} is taken`)
      doors.set(port, serve)
      return { port, close: () => void doors.delete(port) }
    },
    connect(port) {
      const serve = doors.get(port)
      if (!serve) throw new Error(`nothing listens at port ${port}`)
      const [outer, inner] = duplexPair()
      // A cut is told by `close`; without a listener it would be thrown.
      for (const end of [outer, inner]) end.on('error', () => {})
      serve(inner)
      return outer
    },
  }
}
