/**
 * DNS over TCP (RFC 7766). Defends against forgers beside the way, who cannot speak into a stream, and carries what a datagram is too
 * small for. Not against who is on the way, reads the name in clear and resets, nor against a resolver that lies. One round trip more.
 */
import type { Random } from '../../../../shared/util/random.ts'
import { tcp } from '../dialer.ts'
import type { Network, SocketAddress } from '../network.ts'
import type { Resolver } from './resolver.ts'
import { askOverStream, outcomeOf } from './stream.ts'

export interface StreamResolverOptions {
  readonly id: string
  readonly network: Network
  readonly random: Random
  readonly server: SocketAddress
}

export function tcpResolver({ id, network, random, server }: StreamResolverOptions): Resolver {
  return {
    id,
    trust: 'clear',
    async lookUp(question, signal) {
      try {
        return await askOverStream(await tcp(network)(server, signal), question, random, signal)
      } catch (error) {
        return outcomeOf(error, signal)
      }
    },
  }
}
