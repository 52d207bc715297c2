/** What a machine's own faults do to real clients: the relay's machine, a stranger's, and a resolver's. */
import { connect as tlsConnect } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { ask, dial, handshake, NAME, SERVICE, tcp } from './acts-rig.ts'
import { conditionRig, visitSecurely, within } from './conditions-rig.ts'

const WIKI = { address: '240.31.200.20', name: 'wiki.commons.test' }
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
const RESOLVER = '240.7.1.53'

describe('the relay’s machine', () => {
  test('is down: it refuses, as long as the way there takes; afterwards it serves again', async () => {
    const rig = await conditionRig()
    const end = rig.hold({ do: 'down', hosts: ['service'] })
    expect(await dial(rig)).toMatchObject({ end: 'ECONNREFUSED', ms: 80 })
    expect((await dial(rig, { address: '240.185.4.10', port: 443 })).end, 'another machine of the service').toBe('open')
    end()
    expect((await dial(rig)).end).toBe('open')
  })

  test('is dark: nothing is answered at all', async () => {
    const rig = await conditionRig()
    rig.hold({ do: 'down', hosts: ['service'], how: 'silent' })
    expect((await dial(rig, SERVICE, 20_000)).end).toBe('silence')
  })

  test('accepts and never says a word', async () => {
    const rig = await conditionRig()
    rig.hold({ do: 'stall', hosts: ['service'] })
    const { outcome } = await handshake(rig, await tcp(rig), NAME, 20_000)
    expect(outcome).toEqual({ t: 'silence' })
  })

  test.each([
    ['other-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['not-yet-valid', 'CERT_NOT_YET_VALID'],
    ['unknown-authority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('shows a certificate that is %s, from everywhere', async (fault, code) => {
    const rig = await conditionRig()
    rig.hold({ do: 'certificate', hosts: ['service'], fault })
    expect((await handshake(rig, await tcp(rig))).outcome).toMatchObject({ t: 'error', code })
    expect(await visitSecurely(rig, WIKI.address, WIKI.name), 'a stranger is not concerned').toMatchObject({ tls: 'secure' })
  })

  test('serves as ever behind a bad certificate', async () => {
    const rig = await conditionRig()
    rig.hold({ do: 'certificate', hosts: ['service'], fault: 'expired' })
    const stream = await tcp(rig)
    const socket = tlsConnect({ socket: stream, servername: NAME, rejectUnauthorized: false })
    for (const each of [stream, socket]) each.on('error', () => {})
    const answer = new Promise<string>((resolve) => socket.once('data', (bytes: Buffer) => resolve(bytes.toString())))
    socket.write('are you there?')
    expect(await within(rig, 1000, answer)).toBe('are you there?')
    expect(socket.authorizationError).toBe('CERT_HAS_EXPIRED')
  })

  test('denies by policy inside its own valid TLS: to askers from one country only', async () => {
    const rig = await conditionRig()
    rig.hold({ do: 'deny', hosts: ['service', 'wiki'], status: 451, countries: ['RU'], title: 'Not in your country', text: 'By law.' })
    const here = await visitSecurely(rig, SERVICE.address, NAME)
    expect(here).toMatchObject({ tls: 'secure', issuer: 'Lab authority' })
    expect(here?.text).toMatch(/^HTTP\/1\.1 451 [\s\S]*Not in your country/)
    expect((await visitSecurely(rig, WIKI.address, WIKI.name))?.text).toMatch(/^HTTP\/1\.1 451 /)
    rig.lab.clients.place('alice', 'nl-a')
    await rig.lab.settle()
    expect((await visitSecurely(rig, WIKI.address, WIKI.name))?.text).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('denies a WebSocket as it denies a page', async () => {
    const rig = await conditionRig()
    rig.hold({ do: 'deny', hosts: ['service'], status: 403, title: 'Are you human?', text: 'Prove it.' })
    expect((await visitSecurely(rig, SERVICE.address, NAME, { headers: UPGRADE }))?.text).toMatch(/^HTTP\/1\.1 403 /)
  })
})

test('a slow machine answers later, and no faster than its rate', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'slow', hosts: ['service'], kbps: 64, delayMs: 700 })
  const began = rig.clock.monotonic()
  const stream = await tcp(rig)
  const { outcome } = await handshake(rig, stream, NAME, 5000)
  expect(outcome).toMatchObject({ t: 'secure' })
  // Two round trips of 80 ms, 700 ms in the far machine, and about 1.5 kB of handshake at 8 bytes a millisecond.
  const took = outcome.t === 'secure' ? outcome.ms : 0
  expect(took).toBeGreaterThan(880)
  expect(took).toBeLessThan(1400)
  expect(rig.clock.monotonic() - began).toBeGreaterThan(0)
})

describe('a resolver', () => {
  test('answers for names that do not exist with its search page, and truly for those that do', async () => {
    const rig = await conditionRig()
    rig.hold({ do: 'rewrite', hosts: ['dns-ru-moscow-a'], addresses: ['240.7.200.20'] })
    for (const name of ['qzkfjwpt.test', 'xvbnrtyq.test', 'lkjhgfds.test']) {
      expect(await ask(rig, name, RESOLVER)).toMatchObject([{ rcode: 'NOERROR', addresses: ['240.7.200.20'] }])
    }
    expect(await ask(rig, NAME, RESOLVER)).toMatchObject([{ addresses: ['240.149.167.50', '240.149.167.91'] }])
    expect(await ask(rig, 'qzkfjwpt.test', '240.8.8.8'), 'another resolver').toMatchObject([{ rcode: 'NXDOMAIN', soa: true }])
  })

  test('that is slow answers later; one that is down does not answer', async () => {
    const rig = await conditionRig()
    const end = rig.hold({ do: 'slow', hosts: ['dns-ru-moscow-a'], delayMs: 900 })
    expect((await ask(rig, NAME, RESOLVER))[0]?.ms).toBe(908)
    end()
    rig.hold({ do: 'down', hosts: ['dns-ru-moscow-a'] })
    expect(await ask(rig, NAME, RESOLVER)).toEqual([])
  })

  test('gives the asker’s country its own answer', async () => {
    const rig = await conditionRig()
    rig.hold({ do: 'answers', name: NAME, addresses: ['240.149.167.50'], by: [{ countries: ['RU'], addresses: ['240.185.4.10'] }] })
    expect(await ask(rig, NAME, RESOLVER)).toMatchObject([{ addresses: ['240.185.4.10'] }])
    expect(await ask(rig, NAME, '240.8.8.8'), 'a resolver that stands elsewhere').toMatchObject([{ addresses: ['240.149.167.50'] }])
  })

  test('gives a few of many addresses, in rotation', async () => {
    const rig = await conditionRig()
    const pool = ['240.151.1.1', '240.151.1.2', '240.151.1.3', '240.151.1.4', '240.151.1.5']
    rig.hold({ do: 'answers', name: NAME, addresses: pool, each: 2 })
    const seen = []
    for (let i = 0; i < 3; i++) seen.push((await ask(rig, NAME, RESOLVER))[0]?.addresses)
    expect(seen).toEqual([pool.slice(0, 2), pool.slice(2, 4), [pool[4], pool[0]]])
  })
})
