import { createServer } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, isLoopback, loopbackOnly, range } from '../../../lab/engine/address.ts'
import { loopback } from '../../../lab/engine/loopback.ts'
import { joinWorld } from '../../../lab/engine/world.ts'
import { openGateway } from '../../../lab/gateway/gateway.ts'
import { builtInWorld } from '../../../lab/world.ts'

test('the lab refuses to connect or listen anywhere but on loopback', async () => {
  const outside = [
    '192.0.2.1',
    '10.0.0.1',
    '8.8.8.8',
    '240.149.167.50',
    '0.0.0.0',
    '::',
    '2001:db8::1',
    '::ffff:192.0.2.1',
    'localhost',
    'example.test',
    '',
  ]
  for (const host of outside) {
    expect(() => loopback(host, 443), host).toThrow(RangeError)
    await expect(
      openGateway(host, 0, () => {}),
      host,
    ).rejects.toThrow(RangeError)
  }
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) expect(loopbackOnly(host)).toBe(host)
})

test('every IPv4 address outside 127.0.0.0/8 is refused', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => isLoopback(address) === address.startsWith('127.')))
})

test('a loopback backend carries bytes to a real local server', async () => {
  const server = createServer((socket) => socket.end('here'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const connect = loopback('127.0.0.1', typeof bound === 'object' && bound ? bound.port : 0)
  const from = { who: 'alice', place: 'nl-a', provider: 'nl-a', address: '240.31.1.100' }
  const stream = await connect(from, { address: '240.149.167.50', port: 443 })
  const text = await new Promise<string>((resolve) => stream.once('data', (bytes: Buffer) => resolve(bytes.toString())))
  expect(text).toBe('here')
  stream.destroy()
  server.close()
})

test('one address has one spelling, and prefixes hold what they say', () => {
  expect(canonical('2001:DB8:0::1')).toBe('2001:db8::1')
  expect(range('240.52.0.0/16').has('240.52.255.1')).toBe(true)
  expect(range('240.52.0.0/16').has('240.53.0.1')).toBe(false)
  expect(range('2001:db8::/32').has('240.52.0.1')).toBe(false)
  expect(() => range('240.52.0.0')).toThrow(RangeError)
})

test('the built-in world holds together, and every address in it is one no real host can have', () => {
  const world = builtInWorld()
  const addresses = world.hosts.flatMap((host) => host.addresses)
  expect(addresses.length).toBeGreaterThan(20)
  for (const address of addresses) expect(range('240.0.0.0/4').has(address), address).toBe(true)
  const twin = { ...world.hosts[0], provider: 'nowhere' }
  expect(() =>
    joinWorld(world, [{ providers: [], links: [], places: [], hosts: [{ ...world.hosts[0], ...twin, id: 'x' } as never] }]),
  ).toThrow(RangeError)
})
