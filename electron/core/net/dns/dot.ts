/**
 * DNS over TLS (RFC 7858) to a literal address, in its strict profile (RFC 8310 section 5): the resolver proves its name or nothing is
 * asked. Hides names from everybody on the way and keeps answers whole. Not against a resolver that lies, nor against being cut off
 * altogether, which its port of its own (853) makes easy. Two round trips, then one per question.
 */
import { tcp } from '../dialer.ts'
import { encrypt } from '../tls.ts'
import type { Resolver } from './resolver.ts'
import { askOverStream, outcomeOf } from './stream.ts'
import type { StreamResolverOptions } from './tcp.ts'

export interface DotResolverOptions extends StreamResolverOptions {
  /** The name that its certificate carries. */
  readonly host: string
  readonly roots: readonly string[]
}

export function dotResolver({ id, network, random, server, host, roots }: DotResolverOptions): Resolver {
  return {
    id,
    trust: 'authenticated',
    async lookUp(question, signal) {
      try {
        // RFC 7858 section 3.1 needs no protocol name; `dot` is what RFC 7858 registered for ALPN.
        const stream = await tcp(network)(server, signal)
        const socket = await encrypt(stream, { host, sni: host, roots, protocol: 'dot' }, signal)
        return await askOverStream(socket, question, random, signal)
      } catch (error) {
        return outcomeOf(error, signal)
      }
    },
  }
}
