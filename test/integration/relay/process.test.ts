import { readFileSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { BackendError } from '../../../shared/contract/errors.ts'
import { openBundle, type SignedBundle } from '../../../shared/protocol/bundle.ts'
import { chatAddress, connectClient, keyOf, newIdentity } from '../../support/relay-client.ts'
import { emptyOffer, freshDirectory } from '../../support/relay-here.ts'
import { type RelayProcess, startRelayProcess } from '../../support/relay-process.ts'

const directories: string[] = []
const running: RelayProcess[] = []
const start = async (dataDir = freshDirectory(), port = 0) => {
  directories.push(dataDir)
  const relay = await startRelayProcess(dataDir, 'relay/process.ts', port)
  running.push(relay)
  return relay
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((relay) => relay.kill()))
  for (const dataDir of directories.splice(0)) rmSync(dataDir, { recursive: true, force: true })
})

describe('the relay as a process', () => {
  it('writes the bundle it answers with beside its data', async () => {
    const relay = await start()
    const file: unknown = JSON.parse(readFileSync(relay.bundlePath, 'utf8'))
    expect(openBundle(file, { signers: null, version: 0, now: Date.now() })).toEqual({ ok: true, bundle: relay.bundle })
    expect(relay.bundle.endpoints.map(({ plane, port }) => [plane, port])).toContainEqual(['chat', relay.port])
  })

  it('ends soon after losing its shell, with what it accepted on disk and acknowledged', async () => {
    const relay = await start()
    const dataDir = directories[0]
    const [ann, bob] = [newIdentity('ann'), newIdentity('bob')]
    const client = await connectClient(chatAddress(relay.bundle, relay.port), ann)
    ;(await connectClient(chatAddress(relay.bundle, relay.port), bob)).close()
    const acked: number[] = []
    for (let i = 0; i < 300; i++) {
      void client.sendText(bob, i, `m${i}`).then(
        (answer) => answer.ok && acked.push(i),
        () => {},
      )
    }
    await expect.poll(() => acked.length).toBeGreaterThan(0)
    const at = Date.now()
    await relay.close()
    // Two seconds by its own clock, while the machine may be busy with others.
    expect(Date.now() - at).toBeLessThan(10_000)
    expect(await relay.ended).toBe(0)
    client.close()

    const again = await start(dataDir)
    const back = await connectClient(chatAddress(again.bundle, again.port), bob)
    while (back.items.length < 300) {
      const page = await back.request('stream.read', { after: back.items.at(-1)?.seq ?? 0 })
      if (!page.ok || page.items.length === 0) break
      back.items.push(...page.items)
    }
    const cids = back.items.map((item) => (item.kind === 'message' ? item.cid : -1))
    expect(acked.filter((cid) => !cids.includes(cid))).toEqual([])
    back.close()
  })

  it('acknowledges all it had heard before it stops, and is not reachable afterwards', async () => {
    const relay = await start()
    const ann = newIdentity('ann')
    const client = await connectClient(chatAddress(relay.bundle, relay.port), ann)
    const ended = new Promise<string>((resolve) => client.socket.once('disconnect', resolve))
    const sending = Array.from({ length: 200 }, (_, i) => client.sendText(ann, i, `m${i}`))
    // Requests of one connection are heard in order: once this is answered, all before it have been.
    await client.request('echo', { n: 1 })
    expect(await relay.control.call('relay.stop', {})).toEqual({})
    expect((await Promise.all(sending)).every((answer) => answer.ok)).toBe(true)
    expect(await ended).toMatch(/io server disconnect|transport close/)
    const refused = await new Promise<string | undefined>((resolve) => {
      const probe = connectTcp(relay.port, '127.0.0.1')
      probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      probe.on('connect', () => resolve('connected'))
    })
    expect(refused).toBe('ECONNREFUSED')
    client.close()
  })

  it('tells everybody connected of a new offer, at once', async () => {
    const relay = await start()
    const ann = await connectClient(chatAddress(relay.bundle, relay.port), newIdentity('ann'), { bundleVersion: relay.bundle.version })
    const pushed = new Promise<SignedBundle>((resolve) => ann.socket.once('bundle', resolve))
    const proxies = [{ id: 'p', kind: 'socks5' as const, address: '240.0.0.9', port: 1080 }]
    const { bundle } = await relay.control.call('relay.offer', { ...emptyOffer, proxies })
    expect(await pushed).toEqual(bundle)
    expect(openBundle(bundle, { signers: relay.bundle.signers, version: relay.bundle.version, now: Date.now() })).toMatchObject({
      ok: true,
      bundle: { version: relay.bundle.version + 1, proxies },
    })
    const bad = {
      ...emptyOffer,
      endpoints: Array(65).fill({ id: 'a', plane: 'chat', host: 'a.test', port: 1, addresses: [], provider: 'x' }),
    }
    await expect(relay.control.call('relay.offer', bad)).rejects.toMatchObject({ code: 'bad-bundle' })
    expect(await ann.request('echo', { n: 1 })).toMatchObject({ ok: true })
    ann.close()
  })

  it('gives out everything about a handle, running or from its directory alone', async () => {
    const relay = await start()
    const dataDir = directories[0] ?? ''
    const ann = newIdentity('ann')
    const client = await connectClient(chatAddress(relay.bundle, relay.port), ann)
    await client.sendText(ann, 1, 'a note')
    const whileRunning = await relay.control.call('relay.disclose', { handle: 'ann' })
    expect(whileRunning).toMatchObject({ handle: 'ann', key: keyOf(ann) })
    expect(JSON.stringify(whileRunning)).toContain('a note')
    await relay.control.call('relay.stop', {})
    client.close()
    await expect(relay.control.call('relay.disclose', { handle: 'ann' })).rejects.toMatchObject({ code: 'not-connected' })
    const fromDisk = await relay.control.call('relay.disclose', { handle: 'ann', dataDir })
    expect(fromDisk).toEqual({ ...Object(whileRunning), computedAt: expect.any(Number) })
    await expect(relay.control.call('relay.disclose', { handle: 'nobody', dataDir })).rejects.toMatchObject({ code: 'no-such-contact' })
  })

  it('says why when it cannot start', async () => {
    const relay = await start()
    const dataDir = freshDirectory()
    directories.push(dataDir)
    const second = startRelayProcess(dataDir, 'relay/process.ts', relay.port)
    await expect(second).rejects.toEqual(new BackendError('refused', 'cannot listen: EADDRINUSE'))
  })

  it('writes nothing in its log about who, where from or what', async () => {
    const relay = await start()
    const address = chatAddress(relay.bundle, relay.port)
    const [ann, bob] = [newIdentity('annabelle'), newIdentity('bartholomew')]
    const client = await connectClient(address, ann)
    const other = await connectClient(address, bob)
    await client.sendText(bob, 1, 'unmistakable words')
    await client.request('link.publish', { title: 'unmistakable title', text: 'x' })
    await connectClient(address, newIdentity('annabelle')).catch(() => {})
    client.socket.io.engine.write('42["message.send",{"to":"unmistakable"')
    await expect.poll(() => relay.stderr()).toContain('handle-taken')
    client.close()
    other.close()
    await relay.close()
    const log = relay.stderr()
    expect(log).toContain('relay has stopped')
    for (const word of ['annabelle', 'bartholomew', 'unmistakable', '127.0.0.1', '::1', keyOf(ann), keyOf(bob)])
      expect(log).not.toContain(word)
  })
})
