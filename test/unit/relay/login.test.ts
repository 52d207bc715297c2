import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { type ConnectOptions, connectClient, newIdentity, openTls, type TestIdentity } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { tlsMiddle } from '../../support/tls-middle.ts'

describe('logging in', () => {
  let here: RelayHere
  beforeAll(async () => {
    here = await relayHere()
  })
  afterAll(() => here.end())

  const refusal = async (identity: TestIdentity, options: ConnectOptions) => {
    const client = await connectClient(here.chat, identity, options).catch((error: Error) => error)
    return client instanceof Error ? client.message : 'let in'
  }

  it.each(['websocket', 'polling'] as const)('proves both ends to each other over %s', async (transport) => {
    const client = await connectClient(here.chat, newIdentity(`ann_${transport}`), { transport })
    expect(client.relayProved).toBe(true)
    expect(await client.request('echo', { n: 7 })).toMatchObject({ ok: true, n: 7 })
    client.close()
  })

  it('speaks TLS 1.3 only', async () => {
    await expect(openTls(here.chat, { maxVersion: 'TLSv1.2' })).rejects.toThrow()
    const connection = await openTls(here.chat)
    expect(connection.getProtocol()).toBe('TLSv1.3')
    connection.destroy()
  })

  it.each(['websocket', 'polling'] as const)(
    'refuses a session over %s that somebody in the middle has opened and read',
    async (transport) => {
      const middle = await tlsMiddle(here.chat.name, here.chat)
      // The client trusts the box's authority, as a computer would on which it was installed.
      const through = { ...here.chat, port: middle.port, roots: [...here.chat.roots, middle.root] }
      const client = connectClient(through, newIdentity('cora'), { transport })
      await expect(client).rejects.toThrow(/^channel-mismatch$/)
      expect(middle.read()).toContain('GET /socket.io/')
      await middle.close()
    },
  )

  it.each([
    ['another handle', { handle: 'mallory' }],
    ['another device', { device: toBase64Url(randomBytes(16)) }],
    ['another nonce', { nonce: toBase64Url(randomBytes(16)) }],
    ['another key', { key: toBase64Url(newIdentity('mallory').key.publicKey) }],
  ])('refuses a login signed for %s', async (_what, change) => {
    expect(await refusal(newIdentity('bea'), { forge: (login) => ({ ...login, ...change }) })).toBe('channel-mismatch')
  })

  it.each([
    ['a field is missing', ({ cursor: _, ...rest }: Record<string, unknown>) => rest, 'bad-login'],
    ['a field is too many', (login: Record<string, unknown>) => ({ ...login, extra: 1 }), 'bad-login'],
    ['a key has the wrong length', (login: Record<string, unknown>) => ({ ...login, key: 'AAAA' }), 'bad-login'],
    ['the handle is no handle', (login: Record<string, unknown>) => ({ ...login, handle: '__proto__' }), 'bad-login'],
    ['the protocol is another', (login: Record<string, unknown>) => ({ ...login, v: 2 }), 'protocol'],
  ])('says what is wrong when %s', async (_what, forge, expected) => {
    expect(await refusal(newIdentity('bea'), { forge })).toBe(expected)
  })

  it('gives a handle to the first key that claims it, and to no other', async () => {
    const first = newIdentity('dora')
    const client = await connectClient(here.chat, first)
    expect(await refusal(newIdentity('dora'), {})).toBe('handle-taken')
    const again = await connectClient(here.chat, first)
    expect(again.relayProved).toBe(true)
    again.close()
    client.close()
  })

  it('ends the older connection of a device when a newer one comes', async () => {
    const identity = newIdentity('edna')
    const older = await connectClient(here.chat, identity)
    const ended = new Promise<string>((resolve) => older.socket.once('disconnect', resolve))
    const newer = await connectClient(here.chat, identity)
    expect(await ended).toBe('io server disconnect')
    expect(await newer.request('echo', { n: 1 })).toMatchObject({ ok: true })
    newer.close()
  })

  it('stops listening to a connection that keeps guessing', async () => {
    const heard: string[] = []
    const socket = new WebSocket(`wss://127.0.0.1:${here.chat.port}/socket.io/?EIO=4&transport=websocket`, { ca: [...here.chat.roots] })
    const guess = () => socket.send('40{"v":1}')
    // engine.io: 0 opens; socket.io: 44 refuses a namespace.
    socket.on('message', (data) => {
      const text = String(data)
      if (text.startsWith('44')) heard.push(JSON.parse(text.slice(2)).message)
      if (text.startsWith('0') || text.startsWith('44')) guess()
    })
    await new Promise((resolve) => socket.once('close', resolve))
    expect(heard).toEqual([...Array(5).fill('bad-login'), 'overloaded'])
  })

  it('sends a newer bundle along, and none when the client has the newest', async () => {
    const old = await connectClient(here.chat, newIdentity('hanna'), { bundleVersion: 0 })
    expect(old.hello.bundle).toEqual(here.relay.bundle)
    const current = await connectClient(here.chat, newIdentity('ida'), { bundleVersion: here.bundle.version })
    expect(current.hello.bundle).toBeUndefined()
    old.close()
    current.close()
  })
})
