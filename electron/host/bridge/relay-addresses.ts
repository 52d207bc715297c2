/** Where a bridge may lead. The planes' other addresses are left alone: one relay answers for all of them where the chat is. */
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { SocketAddress } from '../../core/net/network.ts'

export function relayAddresses({ endpoints }: Pick<Bundle, 'endpoints'>): SocketAddress[] {
  const chat = endpoints.filter(({ plane }) => plane === 'chat')
  return chat.flatMap(({ addresses, port }) => addresses.map((address) => ({ address, port })))
}
