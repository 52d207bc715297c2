/** A server that sends back what it gets, whatever that is: the far end of a bridge whose bytes mean nothing to others. */
import type { Duplex } from 'node:stream'
import type { Connect } from '../engine/engine.ts'

export function echo(pair: () => [Duplex, Duplex]): Connect {
  return () => {
    const [outer, inner] = pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  }
}
