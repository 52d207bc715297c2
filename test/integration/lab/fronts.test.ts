/** A content network, a resolver behind TLS, and bridges that look like web sites, met by real clients. */
import { Agent, createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { type TLSSocket, connect as tlsConnect } from 'node:tls'
import packet from 'dns-packet'
import { expect, onTestFinished, test } from 'vitest'
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws'
import { ask, type Client, handshake, NAME, never, SERVICE, tlsRig } from './acts-rig.ts'
import { within } from './conditions-rig.ts'
import { type MemoryRig, memoryRig } from './memory-rig.ts'

const FRONT = '240.151.1.10'
const YARN = { address: '240.94.10.20', name: 'yarn.quay.test' }
const CHOIR = { address: '240.95.20.30', name: 'choir.birch.test', path: '/rehearsals/8c1f5e9a' }
const CREDENTIALS = `Proxy-Authorization: Basic ${Buffer.from('friend:of-the-house').toString('base64')}\r\n`

/** A relay that serves pages and WebSockets which send back what they get. */
async function withPages(): Promise<Client & { readonly seen: string[] }> {
  const rig: MemoryRig = await memoryRig()
  const seen: string[] = []
  const web = createServer({ ...rig.lab.certificate }, (request, response) => {
    seen.push(`${request.headers.host} ${request.url}`)
    response.end('this is the relay')
  })
  const sockets = new WebSocketServer({ server: web })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  onTestFinished(() => void sockets.close())
  rig.lab.setService(() => {
    const [outer, inner] = rig.lab.pair()
    web.emit('connection', inner)
    return outer
  })
  const alice = await rig.network('alice', 'ru-moscow-a')
  return { ...rig, seen, alice, impose: () => {} }
}

async function tls(rig: Client, address: string, servername: string): Promise<TLSSocket> {
  const socket = await within(rig, 500, rig.alice.connect({ address, port: 443 }, never))
  if (!socket) throw new Error('nobody there')
  const secure = tlsConnect({ socket, servername, ca: [...rig.lab.offer.roots], ALPNProtocols: ['http/1.1'] })
  for (const each of [socket, secure]) each.on('error', () => {})
  expect(await within(rig, 1000, new Promise((resolve) => secure.once('secureConnect', () => resolve('secure'))))).toBe('secure')
  return secure
}

/** What comes back within a second, as text. */
async function say(rig: Client, stream: Duplex, text: string): Promise<string> {
  let heard = ''
  const listen = (bytes: Buffer) => {
    heard += bytes.toString('latin1')
  }
  stream.on('data', listen)
  stream.write(text)
  await rig.lab.run(1500)
  stream.off('data', listen)
  return heard
}

const get = (host: string, path = '/') => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`

class OneSocketAgent extends Agent {
  readonly #socket: Duplex
  constructor(socket: Duplex) {
    super()
    this.#socket = socket
  }
  override createConnection(): Duplex {
    return this.#socket
  }
}

test('customers of a content network share addresses: the certificate is chosen by the handshake’s name, the site by the Host', async () => {
  const rig = await tlsRig()
  for (const [name, title] of [
    ['recipes.edge.test', 'Plain recipes'],
    ['museum.edge.test', 'City museum'],
  ] as const) {
    expect((await ask(rig, name, '240.8.8.8'))[0]?.addresses).toEqual(['240.151.1.10', '240.151.1.11'])
    const socket = await tls(rig, FRONT, name)
    expect(socket.getPeerCertificate().subjectaltname).toBe(`DNS:${name}`)
    expect(await say(rig, socket, get(name))).toContain(`<h1>${title}</h1>`)
  }
})

test('a request for another customer than the handshake named is refused with 421, unless fronting is allowed', async () => {
  const rig = await withPages()
  const strict = await tls(rig, FRONT, 'recipes.edge.test')
  expect(await say(rig, strict, get('front.throughline.test'))).toMatch(/^HTTP\/1\.1 421 /)
  expect(await say(rig, strict, get('nobody.edge.test'))).toMatch(/^HTTP\/1\.1 404 /)
  expect(rig.seen).toEqual([])

  const front = rig.lab.engine.topology.host('edge-front')
  if (!front) throw new Error('no front')
  await rig.lab.add('lenient', {
    providers: [],
    links: [],
    places: [],
    hosts: [{ ...front, id: 'lenient-front', addresses: ['240.151.1.12'], names: [], fronting: true }],
  })
  const lenient = await tls(rig, '240.151.1.12', 'recipes.edge.test')
  expect(await say(rig, lenient, get('front.throughline.test', '/through'))).toMatch(/^HTTP\/1\.1 200 [\s\S]*this is the relay/)
  expect(rig.seen).toEqual(['front.throughline.test /through'])
})

test('the service’s own front leads to the relay, WebSocket too, and a box at the client sees the front’s name alone', async () => {
  const rig = await withPages()
  const names = new Set<string | null>()
  rig.lab.engine.packets.on(({ way, name }) => {
    if (way.who === 'alice') names.add(name)
  })
  const page = await tls(rig, FRONT, 'front.throughline.test')
  expect(await say(rig, page, get('front.throughline.test', '/page'))).toContain('this is the relay')
  const socket = await tls(rig, FRONT, 'front.throughline.test')
  const webSocket = new WebSocket('wss://front.throughline.test/socket', { agent: new OneSocketAgent(socket) })
  onTestFinished(() => webSocket.terminate())
  const echoed = new Promise<string>((resolve) => webSocket.on('message', (data) => resolve(String(data))))
  webSocket.on('open', () => webSocket.send('are you there?'))
  expect(await within(rig, 3000, echoed)).toBe('are you there?')
  expect([...names].filter(Boolean)).toEqual(['front.throughline.test'])
})

test('a resolver behind TLS answers truly where every other look-up lies', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { names: ['throughline.test'] }, act: { do: 'inject', addresses: ['240.7.200.20'] } })
  const socket = await within(rig, 500, rig.alice.connect({ address: '240.9.9.10', port: 853 }, never))
  if (!socket) throw new Error('nobody there')
  const secure = tlsConnect({ socket, servername: 'dot.open-dns.test', ca: [...rig.lab.offer.roots], ALPNProtocols: ['dot'] })
  for (const each of [socket, secure]) each.on('error', () => {})
  const query = packet.encode({ type: 'query', id: 5, questions: [{ type: 'A', name: NAME }] })
  const answer = new Promise<Buffer>((resolve) => secure.once('data', resolve))
  secure.write(Buffer.concat([Buffer.from([0, query.length]), query]))
  const message = await within(rig, 1000, answer)
  expect(secure.alpnProtocol).toBe('dot')
  expect(packet.decode(message?.subarray(2) ?? Buffer.alloc(0)).answers).toMatchObject([{ data: SERVICE.address }, {}])
  expect((await ask(rig, NAME, '240.8.8.8'))[0]?.addresses).toEqual(['240.7.200.20'])
})

test('a bridge inside TLS opens a tunnel for who is known, to the relay and nowhere else', async () => {
  const rig = await tlsRig()
  rig.lab.services.setUp('bridge-tls', true)
  const connectTo = (target: string, credentials = CREDENTIALS) => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n`
  const outer = await tls(rig, YARN.address, YARN.name)
  expect(await say(rig, outer, connectTo(`${SERVICE.address}:443`))).toBe('HTTP/1.1 200 Connection established\r\n\r\n')
  expect((await handshake(rig, outer)).outcome, 'the relay’s own TLS, inside').toMatchObject({ t: 'secure' })

  const elsewhere = await tls(rig, YARN.address, YARN.name)
  expect(await say(rig, elsewhere, connectTo('240.31.200.20:443')), 'a stranger').toMatch(/^HTTP\/1\.1 502 /)
  const real = await tls(rig, YARN.address, YARN.name)
  expect(await say(rig, real, connectTo('127.0.0.1:22')), 'this computer').toMatch(/^HTTP\/1\.1 502 /)
})

test('to who is not known, a bridge inside TLS is a web site, byte for byte', async () => {
  const rig = await tlsRig()
  rig.lab.services.setUp('bridge-tls', true)
  await addTwin(rig, 'twin', YARN.name, 'bridge-tls')
  const asked = [
    get(YARN.name),
    get(YARN.name, '/wool'),
    'CONNECT 240.149.167.50:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT 240.149.167.50:443 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic bm9ib2R5OmhlcmU=\r\n\r\n',
    'nonsense\r\n\r\n',
  ]
  for (const text of asked) {
    const [bridge, site] = [await tls(rig, YARN.address, YARN.name), await tls(rig, TWIN, YARN.name)]
    expect(undated(await say(rig, bridge, text)), text).toBe(undated(await say(rig, site, text)))
    expect(bridge.destroyed || bridge.readableEnded, text).toBe(site.destroyed || site.readableEnded)
  }
})

test('a WebSocket on the secret path carries a stream to the relay; every other request meets a web site, byte for byte', async () => {
  const rig = await tlsRig()
  rig.lab.services.setUp('bridge-ws', true)
  const webSocket = new WebSocket(`wss://${CHOIR.name}${CHOIR.path}`, {
    agent: new OneSocketAgent(await tls(rig, CHOIR.address, CHOIR.name)),
    perMessageDeflate: false,
  })
  onTestFinished(() => webSocket.terminate())
  const stream = createWebSocketStream(webSocket)
  stream.on('error', () => {})
  expect((await handshake(rig, stream)).outcome, 'the relay’s own TLS, inside').toMatchObject({ t: 'secure' })

  await addTwin(rig, 'twin', CHOIR.name, 'bridge-ws')
  const upgrade =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
  const asked = [
    get(CHOIR.name),
    get(CHOIR.name, CHOIR.path),
    `GET /rehearsals HTTP/1.1\r\nHost: ${CHOIR.name}\r\n${upgrade}`,
    `GET / HTTP/1.1\r\nHost: ${CHOIR.name}\r\n${upgrade}`,
  ]
  for (const text of asked) {
    const [bridge, site] = [await tls(rig, CHOIR.address, CHOIR.name), await tls(rig, TWIN, CHOIR.name)]
    const shown = undated(await say(rig, bridge, text))
    expect(shown, text).toBe(undated(await say(rig, site, text)))
    expect(shown, text).toMatch(/^HTTP\/1\.1 200 /)
  }
})

test('a proxy keeps to where it may go', async () => {
  const rig = await tlsRig()
  const quay = rig.lab.engine.topology.host('proxy-quay')
  const birch = rig.lab.engine.topology.host('proxy-birch')
  if (!quay || !birch) throw new Error('no proxies')
  const part = [
    { ...quay, id: 'narrow-quay', addresses: ['240.94.10.6'], onlyTo: ['240.149.167.0/24'] },
    { ...birch, id: 'narrow-birch', addresses: ['240.95.20.9'], onlyTo: ['240.149.167.0/24'] },
  ]
  await rig.lab.add('narrow', { providers: [], links: [], places: [], hosts: part })
  const socks = await within(rig, 500, rig.alice.connect({ address: '240.94.10.6', port: 1080 }, never))
  const http = await within(rig, 500, rig.alice.connect({ address: '240.95.20.9', port: 3128 }, never))
  if (!socks || !http) throw new Error('nobody there')
  await say(rig, socks, '\x05\x01\x00')
  expect((await say(rig, socks, String.fromCharCode(5, 1, 0, 1, 240 - 113, 0, 0, 1, 0, 80))).charCodeAt(1), 'RFC 1928: not allowed').toBe(2)
  expect(await say(rig, http, 'CONNECT 240.31.200.20:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /)
})

const TWIN = '240.95.20.77'

/** An ordinary site that differs from the bridge in nothing but being none. */
async function addTwin(rig: Client, id: string, name: string, bridge: string): Promise<void> {
  const host = rig.lab.engine.topology.host(bridge)
  if (!host) throw new Error('no bridge')
  const { users: _users, bridge: _bridge, ...plain } = host
  await rig.lab.add(id, {
    providers: [],
    links: [],
    places: [],
    hosts: [{ ...plain, id, kind: 'site', addresses: [TWIN], names: [name], up: true }],
  })
}

const undated = (text: string) => text.replace(/\r\nDate: [^\r]+/, '')
