/**
 * Lets what one commit causes leave in one write for each connection: by itself engine.io writes the first packet at once, and
 * TLS makes a record, and the system a call, for every write. Nothing is delayed beyond the work at hand.
 */
import { TLSSocket } from 'node:tls'
import type { Socket } from 'socket.io'

type Connection = Socket['conn']

export interface Gathering {
  /** What is sent during `work` on connections that `hold` was called for leaves when it has returned. */
  run(work: () => void): void
  /** To be called before something is sent; outside of `run` it does nothing. */
  hold(connection: Connection): void
}

export function createGathering(): Gathering {
  const held = new Set<Connection['transport']>()
  let isRunning = false
  return {
    run(work) {
      isRunning = true
      try {
        work()
      } finally {
        isRunning = false
        for (const transport of held) {
          transport.writable = true
          transport.emit('ready')
        }
        held.clear()
      }
    },
    hold({ transport }) {
      // One that is not writable sends what waits, all of it, when it is.
      if (!isRunning || !transport.writable) return
      transport.writable = false
      held.add(transport)
    },
  }
}

/** Makes one write of all packets that engine.io flushes together. */
export function corkFlushes(connection: Connection): void {
  const { socket } = connection.request
  // Answers to polls are one write already, and come by other connections than the first.
  if (connection.transport.name !== 'websocket' || !(socket instanceof TLSSocket)) return
  connection.on('flush', () => socket.cork())
  connection.on('drain', () => socket.uncork())
}
