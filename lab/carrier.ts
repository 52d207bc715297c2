/** How the lab meets the programs beside it: a door for its clients, and the servers behind virtual addresses. Loopback, unless it is given another. */
import type { Duplex } from 'node:stream'
import type { Connect } from './engine/engine.ts'
import { loopback } from './engine/loopback.ts'
import { type Gateway, openGateway } from './gateway/gateway.ts'

export interface Carrier {
  /** Lets clients in at a loopback literal; port 0 picks a free one. Rejects with `RangeError` for any other host. */
  open(host: string, port: number, serve: (stream: Duplex) => void): Promise<Gateway>
  /** What listens there. Throws `RangeError` for any other host than a loopback literal. */
  reach(host: string, port: number): Connect
}

export const loopbackCarrier: Carrier = { open: openGateway, reach: loopback }
