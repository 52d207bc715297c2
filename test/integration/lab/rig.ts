/** A running lab on loopback for one test, with everything closed again behind it. */
import { connect, createServer, type Server } from 'node:net'
import { onTestFinished } from 'vitest'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { openGateway } from '../../../lab/gateway/gateway.ts'
import { createLab, type Lab } from '../../../lab/lab.ts'
import { openAuthority } from '../../../lab/services/authority.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'

export interface Rig {
  readonly lab: Lab
  readonly host: string
  readonly port: number
  network(client: string, vantage: string | null): Promise<Network>
}

export async function labRig(): Promise<Rig> {
  const authority = await openAuthority(null, 'Lab authority', Date.now)
  const lab = await createLab({ world: builtInWorld(), clock: systemClock, random: seededRandom(1), authority })
  const gateway = await openGateway('127.0.0.1', 0, (socket) => lab.serve(socket))
  const [host = '', port = ''] = gateway.address.split(':')
  onTestFinished(async () => {
    await gateway.close()
    lab.close()
  })
  return {
    lab,
    host,
    port: Number(port),
    async network(client, vantage) {
      const network = labNetwork({
        connect: () =>
          new Promise((resolve, reject) => {
            const socket = connect({ host, port: Number(port), noDelay: true })
            socket.once('connect', () => resolve(socket))
            socket.once('error', reject)
          }),
        client,
        vantage,
        clock: systemClock,
      })
      onTestFinished(() => network.close())
      if (!network.facts().up) await new Promise<void>((resolve) => network.onChange(({ up }) => up && resolve()))
      return network
    },
  }
}

/** A real server on loopback that sends back what it gets. */
export async function echoServer(): Promise<{ port: number; server: Server }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const bound = server.address()
  if (typeof bound !== 'object' || bound === null) throw new Error('not listening')
  return { port: bound.port, server }
}
