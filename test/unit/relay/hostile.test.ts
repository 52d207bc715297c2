import { randomBytes } from 'node:crypto'
import { request } from 'node:https'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { MAX_WIRE_TEXT, type RequestName, refusalCodes, requests } from '../../../shared/protocol/relay.ts'
import { connectClient, keyOf, newIdentity, openTls, type TestClient } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { testPrekeys } from '../../support/test-prekeys.ts'

const names = Object.keys(requests) as RequestName[] // The keys of that very object.

/** JSON of any shape, with the names that have tripped up others. */
const anyJson = fc.jsonValue({ maxDepth: 4 })
const hostileKeys = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'length')
const hostileValue = fc.oneof(
  anyJson,
  fc.dictionary(hostileKeys, anyJson, { noNullPrototype: false }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -1, 0.5, 1e308, '', '\u0000', '\ud800', '__proto__', null, [], {}),
)
/** Almost right: the true fields, some of them replaced. */
const almost: Readonly<Record<RequestName, object>> = {
  'message.send': { cid: 1, turn: 0, to: 'victim', toKey: 'A'.repeat(43), body: { kind: 'text', text: 'x' } },
  'receipt.set': { peer: 'victim', state: 'read', upTo: 1 },
  'stream.read': { after: 0 },
  'media.grant': { size: 1 },
  'link.publish': { title: 'x', text: 'y' },
  'account.holdings': {},
  'prekeys.publish': testPrekeys(1),
  'prekeys.left': {},
  'prekeys.take': { handle: 'victim', key: 'A'.repeat(43) },
  'sealed.send': { cid: 1, turn: 0, to: 'victim', toKey: 'A'.repeat(43), toDevice: 'A'.repeat(22), packet: 'AAAA' },
  'sealed.read': { after: 0 },
  'sealed.done': { upTo: 1 },
  'session.take': { race: 1 },
  echo: { n: 1 },
}

describe('hostile input', () => {
  let here: RelayHere
  let victim: TestClient
  let witness: TestClient
  let cid = 0
  beforeAll(async () => {
    here = await relayHere({ rate: { perSecond: 100_000, burst: 1_000_000 } })
    victim = await connectClient(here.chat, newIdentity('victim'))
    await victim.request('prekeys.publish', testPrekeys(1))
    witness = await connectClient(here.chat, newIdentity('witness'))
  })
  afterAll(async () => {
    victim.close()
    witness.close()
    await here.end()
  })

  const stillServes = async (client: TestClient) => {
    cid += 1
    const text = `good ${cid}`
    expect(await client.sendText(victim.identity, 1_000_000 + cid, text)).toMatchObject({ ok: true })
    await victim.until((items) => items.some((item) => item.kind === 'message' && item.body.kind === 'text' && item.body.text === text))
  }
  const complaints = () => here.logged.filter(({ level }) => level === 'error')

  it.each(names)('in %s is answered with a refusal or done, and the next good message goes through', async (name) => {
    const client = await connectClient(here.chat, newIdentity(`x_${name.replace('.', '_')}`))
    const payload = fc.oneof(
      hostileValue,
      fc
        .tuple(fc.constantFrom(...Object.keys(almost[name]), 'extra'), hostileValue)
        .map(([field, value]) => Object.fromEntries([...Object.entries(almost[name]), [field, value]])),
    )
    await fc.assert(
      fc.asyncProperty(payload, async (input) => {
        const answer: unknown = await client.socket.timeout(5000).emitWithAck(name, input)
        expect(answer).toSatisfy((value: { ok: boolean; code?: string }) => value.ok || refusalCodes.some((code) => code === value.code))
      }),
      { numRuns: 100 },
    )
    await stillServes(client)
    expect(complaints()).toEqual([])
    client.close()
  })

  it('without a callback, with too many arguments, or under unknown names is passed over', async () => {
    const client = await connectClient(here.chat, newIdentity('mallory'))
    for (const name of [...names, 'typing', 'nonsense', 'constructor', '__proto__', 'hello', 'items', 'sealed']) {
      client.socket.emit(name)
      client.socket.emit(name, {})
      client.socket.emit(name, { to: 5 }, 'no function', null)
      client.socket.emit(name, { cid: 1 }, { call: 1 })
    }
    client.socket.emit('message.send', randomBytes(64), { deep: randomBytes(5) })
    client.socket.emit('sealed.send', { cid: 1, turn: 0, to: 'victim', packet: randomBytes(64) }, { deep: randomBytes(5) })
    await stillServes(client)
    expect(complaints()).toEqual([])
    client.close()
  })

  it('of great size or depth ends that connection at most', async () => {
    const mallory = newIdentity('mallory_two')
    const deep = `${'['.repeat(125_000)}${']'.repeat(125_000)}`
    for (const payload of ['x'.repeat(20 * MAX_WIRE_TEXT), JSON.parse(deep), { cid: 1, body: 'x'.repeat(500_000) }]) {
      const client = await connectClient(here.chat, mallory)
      await client.socket
        .timeout(2000)
        .emitWithAck('message.send', payload)
        .catch(() => null)
      client.close()
    }
    const client = await connectClient(here.chat, mallory)
    // Past the client library, which would look into it first; engine.io puts the 4 in front.
    client.socket.io.engine.write(`2999["sealed.send",${deep}]`)
    await stillServes(client)
    expect(complaints()).toEqual([])
    client.close()
  })

  it('in the login is refused by name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.oneof(fc.constantFrom('v', 'handle', 'key', 'device', 'nonce', 'signature', 'cursor'), hostileKeys), hostileValue),
        async (auth) => {
          const socket = new WebSocket(`wss://127.0.0.1:${here.chat.port}/socket.io/?EIO=4&transport=websocket`, {
            ca: [...here.chat.roots],
          })
          const reply = await new Promise<string>((resolve) => {
            socket.on('message', (data) => {
              const packet = String(data)
              if (packet.startsWith('0')) socket.send(`40${JSON.stringify(auth)}`)
              else resolve(packet)
            })
            socket.on('close', () => resolve('closed'))
          })
          socket.close()
          expect(reply).toMatch(/^44\{"message":"(bad-login|protocol)"\}$/)
        },
      ),
      { numRuns: 40 },
    )
    await stillServes(witness)
  })

  describe('as raw packets of socket.io', () => {
    const known = ['40', '41', '42', '42[]', '42["echo"]', '4', '5', '1', '3', '450-["x"]', '451-["x",{"_placeholder":true,"num":0}]']
    const odd = ['40/admin,', '43999[]', '42999999999999999999["echo",{}]', '42["disconnect"]', '42["connect_error",{}]']
    const packets = fc.array(fc.oneof(fc.string(), fc.constantFrom(...known, ...odd)), { maxLength: 6 })

    it('before the login hurts nobody else', async () => {
      await fc.assert(
        fc.asyncProperty(packets, fc.uint8Array({ maxLength: 50 }), async (texts, bytes) => {
          const socket = new WebSocket(`wss://127.0.0.1:${here.chat.port}/socket.io/?EIO=4&transport=websocket`, {
            ca: [...here.chat.roots],
          })
          await new Promise((resolve) => socket.once('open', resolve))
          for (const text of texts) socket.send(text)
          socket.send(Buffer.from(bytes))
          await new Promise<void>((resolve) => {
            socket.once('close', () => resolve())
            socket.close()
          })
        }),
        { numRuns: 50 },
      )
      await stillServes(witness)
      expect(complaints()).toEqual([])
    })

    it('after the login hurts nobody else', async () => {
      const mallory = newIdentity('mallory_three')
      await fc.assert(
        fc.asyncProperty(packets, async (texts) => {
          const client = await connectClient(here.chat, mallory)
          for (const text of texts) client.socket.io.engine.write(text.replace(/^4/, ''))
          client.close()
        }),
        { numRuns: 50 },
      )
      await stillServes(witness)
      expect(complaints()).toEqual([])
    })
  })

  it('over HTTP gets an answer with a reason, whatever the method, path or host', async () => {
    const part = fc.oneof(fc.constantFrom('..', '%00', 'm', 'socket.io', '', '%2e%2e', '?sid=x', 'AAAAAAAAAAAAAAAAAAAAAA'), fc.webPath())
    const headers = fc.record({
      host: fc.constantFrom('127.0.0.1', 'other.test', '[::1]', ''),
      range: fc.oneof(fc.constantFrom('bytes=', 'bytes=9-1', 'bytes=-', 'bytes=0-99999999999999999999'), fc.constant('x')),
      authorization: fc.constantFrom('Bearer', 'Bearer x', 'Basic x'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH'),
        fc.array(part, { maxLength: 4 }),
        headers,
        async (method, parts, sent) => {
          const status = await new Promise<number>((resolve, reject) => {
            const options = {
              host: '127.0.0.1',
              port: here.relay.port,
              servername: '',
              ca: here.bundle.roots,
              checkServerIdentity: () => undefined,
              method,
              path: `/${parts.join('/')}`,
              headers: sent,
              agent: false,
            }
            const asked = request(options, (response) => {
              response.resume()
              response.on('end', () => resolve(response.statusCode ?? 0))
            })
            asked.on('error', reject)
            asked.end()
          })
          expect(status).toBeGreaterThanOrEqual(200)
          expect(status).toBeLessThan(500)
        },
      ),
      { numRuns: 60 },
    )
    await stillServes(witness)
  })

  it('below HTTP and TLS is dropped', async () => {
    const plain = connect({ host: '127.0.0.1', port: here.relay.port, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    await new Promise((resolve) => plain.once('error', resolve).once('close', resolve))
    const connection = await openTls(here.chat)
    connection.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n')
    connection.resume()
    await new Promise((resolve) => connection.once('close', resolve))
    await stillServes(witness)
  })

  it('in the times and numbers of prekeys neither stops what the relay says it holds nor what others are given', async () => {
    const mallory = await connectClient(here.chat, newIdentity('mallory_four'))
    const last = 8_640_000_000_000_000
    const keys = testPrekeys(0xffff_ffff, { oneTime: 2, expires: last })
    const publish = (change: object) => mallory.request('prekeys.publish', { ...keys, ...change })
    expect(await publish({ signed: { ...keys.signed, expires: last + 1 } })).toMatchObject({ ok: false })
    expect(await publish({ signed: { ...keys.signed, id: 0x1_0000_0000 } })).toMatchObject({ ok: false })
    const twice = keys.x25519.map((key) => ({ ...key, id: 5 }))
    expect(await publish({ x25519: twice })).toEqual({ ok: true })
    expect(await mallory.request('prekeys.left', {})).toEqual({ ok: true, x25519: 1, mlkem768: 2, signed: 0xffff_ffff })
    expect(await mallory.request('account.holdings', {})).toMatchObject({ ok: true })
    expect(complaints()).toEqual([])
    mallory.close()
  })

  it('cannot reach another person’s stream, mailbox, pages or files with a session of its own', async () => {
    const spy = await connectClient(here.chat, newIdentity('spy'))
    const page = await spy.request('stream.read', { after: 0 })
    expect(page).toEqual({ ok: true, items: [], more: false })
    expect(await spy.request('sealed.read', { after: 0 })).toEqual({ ok: true, packets: [], more: false })
    expect(keyOf(spy.identity)).not.toBe(keyOf(victim.identity))
    spy.close()
  })
})
