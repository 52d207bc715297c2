/** A bridge for others: friends reach the relay and nobody else, strangers meet an ordinary web site, and its limits hold. */
import { createServer, type Server } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Dialer } from '../../../electron/core/net/dialer.ts'
import { through } from '../../../electron/core/net/dialers/through.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { systemNetwork } from '../../../electron/core/net/system-network.ts'
import { parseProxyUrl } from '../../../electron/core/reach/hand-proxies.ts'
import { systemRandom } from '../../../electron/core/system-random.ts'
import type { BridgeLimits } from '../../../electron/host/bridge/allowance.ts'
import { type Bridge, startBridge } from '../../../electron/host/bridge/bridge.ts'
import { type BridgeIdentity, bridgeIdentity, pinOf } from '../../../electron/host/bridge/identity.ts'
import { bridgeLink } from '../../../shared/protocol/bridge-link.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { listen } from '../../unit/net/tiny-servers.ts'

const never = new AbortController().signal
const plenty: BridgeLimits = { streams: 10, bytesPerDay: 1e9, bytesPerSecond: 1e9 }

let network: Network
let relay: Server
let relayPort: number
let dialled: number
let identity: BridgeIdentity
let bridge: Bridge

/** What stands for the relay: it says back what it hears. */
beforeEach(async () => {
  network = systemNetwork({ clock: systemClock })
  dialled = 0
  relay = createServer((socket) => {
    dialled++
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  relayPort = await listen(relay)
  identity = await bridgeIdentity(null, 'blog.test', Date.now())
})
afterEach(async () => {
  await bridge.close()
  relay.close()
  network.close()
})

async function open(limits = plenty, relayAt = relayPort): Promise<Dialer> {
  bridge = await startBridge({
    host: '127.0.0.1',
    port: 0,
    identity,
    relay: [{ address: '127.0.0.1', port: relayAt }],
    limits,
    network,
    clock: systemClock,
  })
  const link = bridgeLink({ address: '127.0.0.1', port: bridge.port, path: identity.path, pin: pinOf(identity.cert), host: null })
  return through(parseProxyUrl(link), network.connect, { clock: systemClock, random: systemRandom, roots: [], transports: null })
}

const heard = async (stream: NodeJS.ReadableStream, bytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length >= bytes) break
  }
  return Buffer.concat(chunks)
}

/** Says these bytes over TLS; everything that comes back until the other side ends or is silent for a while, without the date. */
function ask(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({ port: bridge.port, host: '127.0.0.1', rejectUnauthorized: false }, () => void socket.write(text))
    let said = ''
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1')
      socket.setTimeout(400, () => socket.destroy())
    })
    socket.on('close', () => resolve(said.replace(/^Date: .*\r\n/gm, '')))
  })
}

const upgrade = (path: string, key = 'dGhlIHNhbXBsZSBub25jZQ==') =>
  `GET ${path} HTTP/1.1\r\nHost: blog.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`

it('carries whatever a friend with the link says to the relay, and back, in both directions at once', async () => {
  const dial = await open()
  const stream = await dial({ address: '127.0.0.1', port: 1 }, never)
  const sent = Buffer.alloc(1_000_000, 'to the relay and back ')
  stream.write(sent)
  expect((await heard(stream, sent.length)).equals(sent)).toBe(true)
  stream.destroy()
  expect(dialled).toBe(1)
})

it('leads to the relay alone, whatever the friend asked for', async () => {
  const dial = await open()
  const stream = await dial({ address: '192.0.2.7', port: 25 }, never)
  stream.write('x')
  expect((await heard(stream, 1)).toString()).toBe('x')
  stream.destroy()
})

it('is an ordinary web site to everybody else: a wrong path, the right path without the key, the right key on no path', async () => {
  await open()
  const guess = `/${'a'.repeat(identity.path.length - 1)}`
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: blog.test\r\n\r\n`
  expect(await ask(get('/'))).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: text\/html/i)
  const missing = await ask(get('/nothing-here'))
  expect(missing).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
  // The right path tells nobody who does not open a WebSocket on it, and a WebSocket on another path tells nothing either.
  for (const probe of [
    get(guess),
    get(identity.path),
    get(`${identity.path}?x=1`),
    upgrade(guess),
    upgrade(identity.path.slice(0, -1)),
    upgrade(`${identity.path}x`),
    upgrade(identity.path, 'not a key'),
    upgrade(identity.path).replace('Version: 13', 'Version: 8'),
  ])
    expect(await ask(probe)).toBe(missing)
  expect(await ask('CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('')
  expect(await ask('SSH-2.0-OpenSSH_9.2\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request/)
  expect(await ask(get('/').replace('GET', 'PROPFIND'))).toMatch(/^HTTP\/1\.1 405/)
  expect(dialled).toBe(0)
})

it('answers the right path as soon as a wrong one: neither waits for anything', async () => {
  await open()
  const time = async (path: string) => {
    const began = performance.now()
    await new Promise<void>((resolve) => {
      const socket = connect({ port: bridge.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: blog.test\r\n\r\n`)
        socket.once('data', () => {
          socket.destroy()
          resolve()
        })
      })
    })
    return performance.now() - began
  }
  // By turns, and the quickest of each: a wait would be in all of them, what else the machine does is not.
  const [wrong, right]: [number[], number[]] = [[], []]
  for (let n = 0; n < 15; n++) {
    wrong.push(await time(`/${'a'.repeat(identity.path.length - 1)}`))
    right.push(await time(identity.path))
  }
  expect(Math.abs(Math.min(...wrong) - Math.min(...right))).toBeLessThan(50)
})

it('is a web site to friends as well when it is full or the day is spent, and takes them again when there is room', async () => {
  const dial = await open({ ...plenty, streams: 1 })
  const first = await dial({ address: '127.0.0.1', port: 1 }, never)
  await expect(dial({ address: '127.0.0.1', port: 1 }, never)).rejects.toMatchObject({ reason: 'proxy-refused', code: 'status-404' })
  first.destroy()
  await vi.waitFor(async () => (await dial({ address: '127.0.0.1', port: 1 }, never)).destroy(), { timeout: 15_000, interval: 50 })
  await bridge.close()
  const stingy = await open({ ...plenty, bytesPerDay: 10_000 })
  const stream = await stingy({ address: '127.0.0.1', port: 1 }, never)
  stream.write(Buffer.alloc(20_000))
  await new Promise((resolve) => stream.once('close', resolve).resume())
  await expect(stingy({ address: '127.0.0.1', port: 1 }, never)).rejects.toMatchObject({ code: 'status-404' })
})

it('passes no more bytes a second than it gives', async () => {
  const dial = await open({ ...plenty, bytesPerSecond: 1_000_000 })
  const stream = await dial({ address: '127.0.0.1', port: 1 }, never)
  const began = performance.now()
  stream.write(Buffer.alloc(300_000))
  // There and back: 600,000 bytes.
  await heard(stream, 300_000)
  expect(performance.now() - began).toBeGreaterThan(450)
  stream.destroy()
})

it('hangs up on a friend when the relay does not answer', async () => {
  relay.close()
  const dial = await open(plenty, 1)
  const stream = await dial({ address: '127.0.0.1', port: 1 }, never)
  await new Promise((resolve) => stream.once('close', resolve).resume())
})
