/** A plain resolver, as networks name theirs: by UDP, and what is too long for a datagram once more over TCP (RFC 7766 section 5). */
import { within } from '../deadline.ts'
import { join } from './doh.ts'
import type { Resolver } from './resolver.ts'
import { tcpResolver } from './tcp.ts'
import { type DnsOutcome, queryUdp, type UdpQuery } from './udp.ts'
import type { DnsType } from './wire.ts'

export interface PlainResolverOptions extends Pick<UdpQuery, 'network' | 'clock' | 'random' | 'resolver'> {
  readonly id: string
}

const OVER_TCP_MS = 3_000

export function plainResolver({ id, network, clock, random, resolver }: PlainResolverOptions): Resolver {
  const overTcp = tcpResolver({ id, network, random, server: resolver })
  return {
    id,
    trust: 'clear',
    async lookUp({ name, types }, signal, onFirst) {
      const ask = async (type: DnsType): Promise<DnsOutcome> => {
        const query = { network, clock, random, resolver, name, type, signal }
        const outcome = await queryUdp(onFirst ? { ...query, onFirst } : query)
        if (outcome.kind !== 'failed' || outcome.reason !== 'truncated') return outcome
        return within(clock, OVER_TCP_MS, signal, (limited) => overTcp.lookUp({ name, types: [type] }, limited))
      }
      return join(await Promise.all(types.map(ask)))
    },
  }
}
