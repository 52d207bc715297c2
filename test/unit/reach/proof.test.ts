/** Nobody is connected to who has not proven to be the relay. */
import { createServer as createHttpsServer } from 'node:https'
import { connect as connectTls, createServer } from 'node:tls'
import { afterEach, expect, it } from 'vitest'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Offer } from '../../../shared/protocol/processes.ts'
import { listen } from '../net/tiny-servers.ts'
import { plain, second, siblingAt, socksAt, tunnelAt, type WorldHere, worldHere } from './world.ts'

let world: WorldHere
const offerOf = ({ endpoints, proxies, doh, controls, bogons, roots }: Bundle): Offer => ({
  endpoints,
  proxies,
  doh,
  controls,
  bogons,
  roots,
})
afterEach(() => world.end())

it('a box that ends TLS with a certificate the app accepts is never connected to', async () => {
  world = await worldHere()
  const { cert, key } = await world.authority.issue(['chat.test'])
  const box = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (client) => {
    const onward = connectTls({ port: world.relay.relay.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    client.on('error', () => onward.destroy())
    onward.on('error', () => client.destroy())
    client.pipe(onward).pipe(client)
  })
  const at = { port: await listen(box) }
  for (const address of [plain, second]) world.block.set(address, at)
  for (const address of [siblingAt, socksAt, tunnelAt]) world.block.set(address, 'ECONNREFUSED')
  const { reach, until, seen } = world.reach()
  let online = 0
  reach.link.onOnline(() => online++)
  reach.start()
  await until(({ attempts, nextTryAt }) => nextTryAt !== null && attempts.filter(({ reason }) => reason === 'unproven').length === 4)
  expect(online).toBe(0)
  expect(reach.state().status).toBe('looking')
  // At either address, and at one of them in either disguise.
  const unproven = { outcome: { kind: 'unproven', reason: 'channel-mismatch' } }
  expect(seen.filter(({ t }) => t === 'hello')).toMatchObject([unproven, unproven, unproven, unproven])
  // The honest way wins as soon as there is one.
  world.block.delete(siblingAt)
  await until(({ route }) => route?.kind === 'sibling')
  box.close()
})

it('a web server with a good certificate that is no relay is passed over', async () => {
  world = await worldHere()
  const { cert, key } = await world.authority.issue(['chat.test'])
  const web = createHttpsServer({ cert, key }, (_request, response) => void response.writeHead(503).end('busy'))
  const at = { port: await listen(web) }
  for (const address of [siblingAt, socksAt, tunnelAt]) world.block.set(address, 'ECONNREFUSED')
  for (const address of [plain, second]) world.block.set(address, at)
  const { reach, until, seen } = world.reach()
  reach.start()
  await until(() => seen.some(({ t }) => t === 'hello'))
  expect(seen.find(({ t }) => t === 'hello')).toMatchObject({ outcome: { kind: 'status', status: 503 } })
  for (const address of [siblingAt, socksAt, tunnelAt]) world.block.delete(address)
  const { route } = await until(({ status }) => status === 'connected')
  expect(['sibling', 'proxy']).toContain(route?.kind)
  web.close()
})

it('a newer bundle is taken over the wire, a foreign one is not', async () => {
  world = await worldHere()
  const warned: unknown[] = []
  const { reach, until } = world.reach({ log: { info: () => {}, warn: (...said) => warned.push(said) } })
  reach.start()
  await until(({ status }) => status === 'connected')
  const { version, endpoints } = reach.bundle()
  await world.relay.relay.offer({ ...offerOf(reach.bundle()), endpoints: endpoints.slice(0, 3) })
  await until(() => reach.bundle().version > version)
  expect(reach.bundle().endpoints).toHaveLength(3)
  expect(warned).toEqual([])
})
