/** The machines of the simulated world, met by real clients of their protocols. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import packet from 'dns-packet'
import { expect, onTestFinished, test } from 'vitest'
import { loopback } from '../../../lab/engine/loopback.ts'
import { type Authority, openAuthority } from '../../../lab/services/authority.ts'
import { echoServer, labRig, type Rig } from './rig.ts'

const soon = () => AbortSignal.timeout(15_000)

function read(stream: Duplex, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let held = Buffer.alloc(0)
    const onData = (bytes: Buffer) => {
      held = Buffer.concat([held, bytes])
      if (held.length < length) return
      stream.off('data', onData)
      resolve(held)
    }
    stream.on('data', onData)
    stream.once('error', reject)
    stream.once('end', () => resolve(held))
  })
}

async function withEcho(): Promise<Rig> {
  const rig = await labRig()
  const { port } = await echoServer()
  rig.lab.setService(loopback('127.0.0.1', port))
  return rig
}

const CONNECT_BY_NAME = Buffer.concat([Buffer.from([5, 1, 0, 3, 21]), Buffer.from('chat.throughline.test'), Buffer.from([1, 187])])

test('the SOCKS5 bridge dials from its own place: a box at the client sees only the bridge', async () => {
  const rig = await withEcho()
  const seen = new Set<string>()
  rig.lab.engine.packets.on(({ way }) => seen.add(`${way.who} ${way.provider} ${way.toProvider}`))
  const network = await rig.network('alice', 'ru-moscow-a')
  const stream = await network.connect({ address: '240.94.10.5', port: 1080 }, soon())
  stream.write(Buffer.from([5, 1, 0]))
  expect(await read(stream, 2)).toEqual(Buffer.from([5, 0]))
  stream.write(CONNECT_BY_NAME)
  expect((await read(stream, 10)).subarray(0, 2)).toEqual(Buffer.from([5, 0]))
  stream.write('through the bridge')
  expect((await read(stream, 18)).toString()).toBe('through the bridge')
  expect([...seen]).toContain('proxy-quay quay throughline')
  expect([...seen]).not.toContain('alice ru-a throughline')
})

test('the SOCKS5 bridge says why it could not connect (RFC 1928 section 6)', async () => {
  const rig = await labRig()
  const network = await rig.network('alice', 'nl-a')
  const ask = async (target: Buffer) => {
    const stream = await network.connect({ address: '240.94.10.5', port: 1080 }, soon())
    stream.write(Buffer.concat([Buffer.from([5, 1, 0]), target]))
    return (await read(stream, 12))[3]
  }
  expect(await ask(CONNECT_BY_NAME), 'no relay behind the address: refused').toBe(5)
  expect(await ask(Buffer.concat([Buffer.from([5, 1, 0, 3, 9]), Buffer.from('gone.test'), Buffer.from([1, 187])])), 'no such name').toBe(4)
  expect(await ask(Buffer.from([5, 2, 0, 1, 240, 149, 167, 50, 1, 187])), 'BIND').toBe(7)
})

test('the HTTP bridge tunnels to a literal address and refuses everything but CONNECT', async () => {
  const rig = await withEcho()
  const network = await rig.network('alice', 'de-a')
  const stream = await network.connect({ address: '240.95.20.8', port: 3128 }, soon())
  stream.write('CONNECT 240.149.167.50:443 HTTP/1.1\r\nHost: 240.149.167.50:443\r\n\r\nearly')
  const head = 'HTTP/1.1 200 Connection established\r\n\r\n'
  expect((await read(stream, head.length + 5)).toString()).toBe(`${head}early`)

  const plain = await network.connect({ address: '240.95.20.8', port: 3128 }, soon())
  plain.write('GET http://wiki.commons.test/ HTTP/1.1\r\n\r\n')
  expect((await read(plain, 1000)).toString()).toMatch(/^HTTP\/1\.1 405 /)
})

test('DNS over HTTPS answers truly, over TLS of the lab, even where the lookup lies', async () => {
  const rig = await labRig()
  const network = await rig.network('alice', 'fr-a')
  const socket = tlsConnect({
    socket: await network.connect({ address: '240.9.9.9', port: 443 }, soon()),
    servername: 'doh.open-dns.test',
    ca: [...rig.lab.offer.roots],
  })
  onTestFinished(() => void socket.destroy())
  const query = packet.encode({ type: 'query', id: 0, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name: 'tl.test' }] })
  const body = await new Promise<Buffer>((resolve, reject) => {
    const call = request(
      {
        createConnection: () => socket,
        method: 'POST',
        path: '/dns-query',
        headers: { Host: 'doh.open-dns.test', 'Content-Type': 'application/dns-message', 'Content-Length': query.length },
      },
      (response) => response.once('data', resolve),
    )
    call.once('error', reject)
    call.end(query)
  })
  expect(packet.decode(body).answers).toMatchObject([{ type: 'A', data: '240.149.167.99' }])
})

test('the same resolver answers over TCP', async () => {
  const rig = await labRig()
  const network = await rig.network('alice', 'fr-a')
  const stream = await network.connect({ address: '240.33.1.53', port: 53 }, soon())
  const query = packet.encode({ type: 'query', id: 4, questions: [{ type: 'A', name: 'tl.test' }] })
  stream.write(Buffer.from([0, query.length]))
  stream.write(query)
  const reply = await read(stream, 3)
  expect(packet.decode(reply.subarray(2)).answers).toMatchObject([{ data: '240.149.167.99' }])
})

test('a false page records each visitor once, and nobody answers on its TLS port', async () => {
  const rig = await labRig()
  const network = await rig.network('alice', 'fr-a')
  const get = async (path: string, cookie: string) => {
    const stream = await network.connect({ address: '240.77.252.152', port: 80 }, soon())
    stream.write(`GET ${path} HTTP/1.1\r\nHost: tl.test\r\nConnection: close\r\n${cookie}\r\n`)
    return (await read(stream, 1_000_000)).toString('latin1')
  }
  const first = await get('/', '')
  expect(first).toContain('<script src="/mark.js">')
  expect(rig.lab.services.tracker.total).toBe(0)
  const cookie = `Cookie: ${/set-cookie: ([^;]+)/i.exec(first)?.[1]}\r\n`
  await get('/count.gif?subject=barred', cookie)
  await get('/count.gif?subject=barred', cookie)
  expect(rig.lab.services.tracker.total).toBe(1)
  expect(rig.lab.services.tracker.countOf('alice')).toBe(1)
  await expect(network.connect({ address: '240.77.252.152', port: 443 }, AbortSignal.timeout(500))).rejects.toMatchObject({
    name: 'TimeoutError',
  })
})

test('certificates are kept between runs, and a damaged store is replaced', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lab-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const open = (): Promise<Authority> => openAuthority(dir, 'Lab authority', Date.now)
  const first = await open()
  const leaf = await first.issue(['chat.throughline.test', 'tl.test'])
  const again = await open()
  expect(again.root).toBe(first.root)
  expect(await again.issue(['tl.test', 'chat.throughline.test'])).toEqual(leaf)
  for (const file of await readdir(dir)) await writeFile(join(dir, file), '{')
  expect((await open()).root).not.toBe(first.root)
})

test('a relay that is not there yet is a refusal, and one that appears is found', async () => {
  const rig = await labRig()
  const network = await rig.network('alice', 'nl-a')
  await expect(network.connect({ address: '240.149.167.50', port: 443 }, soon())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  const server = createServer((socket) => socket.end('relay'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const bound = server.address()
  rig.lab.setService(loopback('127.0.0.1', typeof bound === 'object' && bound ? bound.port : 0))
  const stream = await network.connect({ address: '240.185.4.10', port: 443 }, soon())
  expect((await read(stream, 5)).toString()).toBe('relay')
})
