/** What a dialer promises, direct, in disguise and by every kind of hop, over the simulated network with real TLS at the far end. */
import { createHash, X509Certificate } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Dialer, tcp } from '../../electron/core/net/dialer.ts'
import { type Split, splitHello } from '../../electron/core/net/dialers/split-hello.ts'
import { type Hop, through as throughHop } from '../../electron/core/net/dialers/through.ts'
import { DialError } from '../../electron/core/net/errors.ts'
import { openHttp } from '../../electron/core/net/http.ts'
import { labNetwork } from '../../electron/core/net/lab-network.ts'
import type { Network } from '../../electron/core/net/network.ts'
import { encrypt } from '../../electron/core/net/tls.ts'
import { type Authority, openAuthority } from '../../lab/services/authority.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { seededRandom } from '../../shared/util/random.ts'
import { type Behind, type TinyGateway, tinyGateway } from '../unit/net/tiny-gateway.ts'
import { httpConnectProxy, listen, socksProxy, webSocketBridge } from '../unit/net/tiny-servers.ts'

const relay = { address: '240.16.0.10', port: 443 }
const socksAt = { address: '240.32.0.1', port: 1080 }
const connectAt = { address: '240.32.0.2', port: 3128 }
const forgetfulAt = { address: '240.32.0.3', port: 1080 }
const tlsAt = { address: '240.32.0.4', port: 443 }
const bridgeAt = { address: '240.32.0.5', port: 443 }
const PATH = '/a-secret-that-nobody-guesses'
const never = new AbortController().signal

let authority: Authority
let gateway: TinyGateway
let network: Network
let server: Server
let servers: Server[]
let atRelay: Behind
let passes: (port: number) => boolean
let pin: string

beforeAll(async () => {
  authority = await openAuthority(null, 'lab root', Date.now)
  const { cert, key } = await authority.issue(['chat.test'])
  server = createTlsServer({ cert, key, minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      if (bytes.toString().startsWith('GET /range')) socket.write('HTTP/1.1 206 Partial Content\r\ncontent-length: 3\r\n\r\nabc')
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  const port = await listen(server)
  const to = (_host: string, asked: number) => (asked === relay.port && passes(asked) ? port : null)
  const ports = new Map<string, number>()
  const socks = socksProxy((host, asked) => ports.get(host) ?? to(host, asked), { username: 'ann', password: 'secret' })
  const tunnel = httpConnectProxy(to, { username: 'ann', password: 'secret' })
  const own = await authority.issue(['bridge.test'])
  pin = createHash('sha256')
    .update(new X509Certificate(own.cert).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  const others = [
    [socksAt, socks],
    [connectAt, tunnel],
    [forgetfulAt, socksProxy(to, undefined, true)],
    [tlsAt, httpConnectProxy(to, { username: 'ann', password: 'secret' }, own)],
    [bridgeAt, webSocketBridge(own, PATH, () => to('', relay.port))],
  ] as const
  for (const [{ address }, each] of others) ports.set(address, await listen(each))
  servers = [server, ...others.map(([, each]) => each)]
  gateway = await tinyGateway()
  gateway.behind = (address) => {
    if (address === relay.address) return atRelay
    const hop = ports.get(address)
    return hop === undefined ? 'silence' : { port: hop }
  }
  network = labNetwork({
    connect: () =>
      new Promise((resolve) => {
        const socket = connect({ port: gateway.port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
      }),
    client: 'alice',
    vantage: null,
    clock: systemClock,
  })
  await new Promise<void>((resolve) => void network.onChange(() => resolve()))
  atRelay = { port }
  direct = { port }
})
let direct: Behind
afterEach(() => {
  atRelay = direct
  passes = () => true
})
passes = () => true
afterAll(async () => {
  network.close()
  await gateway.close()
  for (const each of servers) await new Promise((resolve) => each.close(resolve))
})

const through = (hop: Hop, dial = tcp(network), roots: readonly string[] = [authority.root]) =>
  throughHop(hop, dial, { clock: systemClock, random: seededRandom(1), roots, transports: null })
const split = (how: Split) => splitHello(how, 'chat.test', tcp(network))
const ann = { username: 'ann', password: 'secret' }
const ways: Record<string, () => Dialer> = {
  direct: () => tcp(network),
  'a handshake in two records': () => split('record'),
  'a handshake in two segments': () => split('segment'),
  'a handshake in two records and segments': () => split('both'),
  'socks5 with a password': () => through({ kind: 'socks5', ...socksAt, ...ann }),
  'socks5 in one flight': () => through({ kind: 'socks5', ...socksAt, ...ann, pipelined: true }),
  'http-connect with a password': () => through({ kind: 'http-connect', ...connectAt, ...ann }),
  'http-connect inside TLS': () => through({ kind: 'https-connect', ...tlsAt, ...ann, host: 'bridge.test' }),
  'http-connect inside TLS that names nobody, behind one key': () =>
    through({ kind: 'https-connect', ...tlsAt, ...ann, host: 'any.test', sni: null, pin }, tcp(network), []),
  'a WebSocket on a secret path': () => through({ kind: 'ws-bridge', ...bridgeAt, host: 'bridge.test', path: PATH }),
  'a WebSocket on a secret path, itself by socks5': () =>
    through({ kind: 'ws-bridge', ...bridgeAt, host: 'bridge.test', path: PATH }, through({ kind: 'socks5', ...socksAt, ...ann })),
}
const target = (host = 'chat.test', roots: readonly string[] = [authority.root]) => ({ host, sni: host, roots })
const noFlowsLeft = () => expect.poll(() => gateway.openFlows(), { interval: 5 }).toBe(0)

describe.each(Object.entries(ways))('%s', (_name, way) => {
  it('reaches the relay, encrypts, answers HTTP twice on one connection, and leaves nothing open', async () => {
    const socket = await encrypt(await way()(relay, never), target(), never)
    expect(socket.getProtocol()).toBe('TLSv1.3')
    expect(socket.alpnProtocol).toBe('http/1.1')
    const http = openHttp(socket, 'chat.test')
    for (const [path, text] of [
      ['/x', 'ok'],
      ['/range', 'abc'],
    ] as const) {
      const answer = await http.request({ method: 'GET', path, headers: {}, signal: never })
      const chunks = []
      for await (const chunk of answer.body) chunks.push(chunk)
      expect(Buffer.concat(chunks).toString()).toBe(text)
    }
    http.close()
    await noFlowsLeft()
  })

  it('refuses a certificate for another name, naming the code', async () => {
    const failed = encrypt(await way()(relay, never), target('other.test'), never)
    await expect(failed).rejects.toMatchObject({ reason: 'certificate', code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    await noFlowsLeft()
  })

  it('refuses a certificate by an unknown root, naming the issuer; an empty list trusts nobody', async () => {
    const foreign = (await openAuthority(null, 'someone else', Date.now)).root
    for (const roots of [[foreign], []]) {
      const failed = encrypt(await way()(relay, never), target('chat.test', roots), never)
      await expect(failed).rejects.toMatchObject({ reason: 'certificate', issuer: 'lab root' })
    }
    await noFlowsLeft()
  })

  it('lets go of everything when told to stop while it dials, however far it has come', async () => {
    for (const turns of [0, 1, 2, 4, 8, 16, 32]) {
      const abort = new AbortController()
      const dialling = way()(relay, abort.signal)
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      abort.abort(new DialError('superseded'))
      const outcome = await dialling.catch((error: unknown) => error)
      // It may have been done before it was told.
      if (outcome instanceof Duplex) outcome.destroy()
      else expect(outcome).toMatchObject({ reason: 'superseded' })
      await noFlowsLeft()
    }
  })

  it('lets go of everything when told to stop in the middle of a handshake', async () => {
    const stream = await way()(relay, never)
    const abort = new AbortController()
    const failed = encrypt(stream, target(), abort.signal)
    abort.abort(new DialError('superseded'))
    await expect(failed).rejects.toMatchObject({ reason: 'superseded' })
    await noFlowsLeft()
  })
})

describe('what leaves, and when', () => {
  const sent = () => gateway.seen.flatMap((frame) => (frame.t === 'segment' ? [Buffer.from(frame.bytes)] : []))

  it('a proxy that takes everything in one flight gets one segment before it has said a word', async () => {
    gateway.seen.length = 0
    const stream = await ways['socks5 in one flight']?.()(relay, never)
    expect(sent().map((bytes) => bytes.length)).toEqual([3 + 12 + 10])
    stream?.destroy()
    gateway.seen.length = 0
    const inSteps = await ways['socks5 with a password']?.()(relay, never)
    expect(sent().map((bytes) => bytes.length)).toEqual([3, 12, 10])
    inSteps?.destroy()
    await noFlowsLeft()
  })

  it('a proxy that loses what comes with the greeting is asked again, step by step', async () => {
    gateway.seen.length = 0
    const stream = await through({ kind: 'socks5', ...forgetfulAt, pipelined: true })(relay, never)
    expect(sent().map((bytes) => bytes.length)).toEqual([3 + 10, 3, 10])
    stream.destroy()
    await noFlowsLeft()
  })

  it.each([
    ['record', 1],
    ['segment', 2],
    ['both', 2],
  ] as const)('a handshake cut by %s leaves in %i segments, none of which holds the name, and says the same', async (how, segments) => {
    gateway.seen.length = 0
    const socket = await encrypt(await split(how)(relay, never), target(), never)
    const hello = sent().slice(0, segments)
    expect(Buffer.concat(sent()).includes('chat.test')).toBe(how === 'segment')
    expect(hello.some((bytes) => bytes.includes('chat.test'))).toBe(false)
    expect(hello[0]?.includes('chat.')).toBe(true)
    socket.destroy()
    await noFlowsLeft()
  })
})

describe('what a censor does is told apart', () => {
  it('a reset after the ClientHello is `reset`, an orderly close is `closed`', async () => {
    if (typeof direct === 'string') throw new Error('no relay')
    for (const [onFirst, reason] of [
      ['reset', 'reset'],
      ['close', 'closed'],
    ] as const) {
      atRelay = { ...direct, onFirst }
      await expect(encrypt(await tcp(network)(relay, never), target(), never)).rejects.toMatchObject({ reason })
    }
    await noFlowsLeft()
  })

  it.each([
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ECONNRESET', 'reset'],
  ] as const)('%s on connect is `%s`', async (code, reason) => {
    atRelay = code
    await expect(tcp(network)(relay, never)).rejects.toMatchObject({ reason })
  })

  it('silence stays silence until the signal aborts', async () => {
    atRelay = 'silence'
    const abort = new AbortController()
    const failed = tcp(network)(relay, abort.signal)
    setTimeout(() => abort.abort(new DialError('timeout')), 100)
    await expect(failed).rejects.toMatchObject({ reason: 'timeout' })
    await noFlowsLeft()
  })
})

describe('proxies that do not help', () => {
  it('says which proxy answer it was: wrong password, no way there', async () => {
    const wrong = { username: 'ann', password: 'guess' }
    await expect(through({ kind: 'socks5', ...socksAt, ...wrong }, tcp(network))(relay, never)).rejects.toMatchObject({
      reason: 'proxy-refused',
      code: 'credentials',
    })
    await expect(through({ kind: 'http-connect', ...connectAt, ...wrong }, tcp(network))(relay, never)).rejects.toMatchObject({
      reason: 'proxy-refused',
      code: 'status-407',
    })
    passes = () => false
    await expect(ways['socks5 with a password']?.()(relay, never)).rejects.toMatchObject({ reason: 'proxy-refused', code: 'reply-5' })
    await expect(ways['http-connect with a password']?.()(relay, never)).rejects.toMatchObject({
      reason: 'proxy-refused',
      code: 'status-502',
    })
    await noFlowsLeft()
  })

  it('says which bridge answer it was: another path, another key, a name it does not have, no way there', async () => {
    const bridge = { kind: 'ws-bridge', ...bridgeAt, host: 'bridge.test', path: PATH } as const
    for (const [changed, code] of [
      [{ path: '/guessed' }, 'status-404'],
      [{ pin: pin.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) }, 'certificate'],
      [{ host: 'other.test' }, 'certificate'],
    ] as const) {
      await expect(through({ ...bridge, ...changed })(relay, never)).rejects.toMatchObject({ reason: 'proxy-refused', code })
    }
    await expect(through(bridge, tcp(network), [])(relay, never)).rejects.toMatchObject({ code: 'certificate', issuer: 'lab root' })
    const tlsConnect = { kind: 'https-connect', ...tlsAt, host: 'bridge.test', username: 'ann', password: 'guess' } as const
    await expect(through(tlsConnect)(relay, never)).rejects.toMatchObject({ reason: 'proxy-refused', code: 'status-407' })
    passes = () => false
    await expect(through(bridge)(relay, never)).rejects.toMatchObject({ reason: 'proxy-refused', code: 'status-502' })
    await noFlowsLeft()
  })

  it('does not mistake another kind of server for a proxy', async () => {
    const mute = createServer((socket: Socket) => void socket.on('error', () => {}).end('220 mail.test ESMTP\r\n\r\n'))
    const port = await listen(mute)
    const before = gateway.behind
    gateway.behind = () => ({ port })
    await expect(through({ kind: 'socks5', ...socksAt }, tcp(network))(relay, never)).rejects.toMatchObject({ reason: 'proxy-refused' })
    await expect(through({ kind: 'http-connect', ...connectAt }, tcp(network))(relay, never)).rejects.toMatchObject({
      reason: 'proxy-refused',
      code: 'not-http',
    })
    gateway.behind = before
    mute.close()
    await noFlowsLeft()
  })
})
