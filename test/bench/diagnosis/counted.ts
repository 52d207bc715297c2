/** A network that counts what goes through it: everything that diagnosis asks of its own, apart from what the race does. */
import type { Duplex } from 'node:stream'
import type { Network } from '../../../electron/core/net/network.ts'

export interface Cost {
  connections: number
  questions: number
  /** Both ways, without headers. */
  bytes: number
  /** Both ways, reckoned: the handshake and the end of each connection, a full packet for each 1448 bytes begun, two for each question. */
  packets: number
}

export const noCost = (): Cost => ({ connections: 0, questions: 0, bytes: 0, packets: 0 })

const SEGMENT_BYTES = 1448
/** SYN, SYN+ACK, ACK; FIN both ways. */
const FRAME_PACKETS = 5

export function counted(network: Network, cost: Cost): Network {
  const count = (bytes: number) => {
    cost.bytes += bytes
    cost.packets += Math.ceil(bytes / SEGMENT_BYTES)
  }
  return {
    facts: () => network.facts(),
    onChange: (listener) => network.onChange(listener),
    async connect(to, signal) {
      cost.connections++
      cost.packets++
      const stream = await network.connect(to, signal)
      cost.packets += FRAME_PACKETS - 1
      watch(stream, count)
      return stream
    },
    async *exchange(to, message, signal) {
      cost.questions++
      count(message.length)
      for await (const reply of network.exchange(to, message, signal)) {
        count(reply.bytes.length)
        yield reply
      }
    },
    close() {},
  }
}

/** What passes, wherever it is read and written: a listener of its own would take the bytes away from whoever reads. */
function watch(stream: Duplex, count: (bytes: number) => void): void {
  const { push, write } = stream
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk instanceof Uint8Array) count(chunk.length)
    return push.call(stream, chunk, encoding)
  }
  stream.write = (chunk: unknown, ...rest: unknown[]) => {
    if (chunk instanceof Uint8Array) count(chunk.length)
    return Reflect.apply(write, stream, [chunk, ...rest]) === true
  }
}
