/** Dialers: a target in, a connection out. Techniques take a dialer and return a dialer, so they can be put behind one another. */
import type { Duplex } from 'node:stream'
import { classify } from './errors.ts'
import type { Network, SocketAddress } from './network.ts'

/**
 * Resolves with a stream that is the caller's to destroy. Rejects with a `DialError`, or with the signal's reason; nothing
 * is left open then. Never gives up by itself: time limits come through the signal.
 */
export type Dialer<C extends Duplex = Duplex> = (to: SocketAddress, signal: AbortSignal) => Promise<C>

export function tcp(network: Network): Dialer {
  return async (to, signal) => {
    try {
      return await network.connect(to, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw classify(error)
    }
  }
}
