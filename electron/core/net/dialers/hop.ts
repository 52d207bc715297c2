/** What all dialers have in common that go by somebody else's computer: connect there first, then say what is wanted. */
import type { Duplex } from 'node:stream'
import type { Dialer } from '../dialer.ts'
import { classify } from '../errors.ts'
import type { SocketAddress } from '../network.ts'

/** Says what is wanted; resolves with the stream to go on with, once the other side agreed. Anything thrown ends the connection. */
export type Greet<C extends Duplex> = (stream: C, to: SocketAddress, signal: AbortSignal) => Promise<Duplex>

/** Connects to `hop` by `dial`, whatever the target is, and greets. Nothing is left open when it fails or is told to stop. */
export function by<C extends Duplex>(hop: SocketAddress, dial: Dialer<C>, greet: Greet<C>): Dialer {
  return async (to, signal) => {
    const stream = await dial(hop, signal)
    const onAbort = () => stream.destroy()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await greet(stream, to, signal)
    } catch (error) {
      stream.destroy()
      signal.throwIfAborted()
      throw classify(error)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
