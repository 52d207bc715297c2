/** Acts that go by address, and a block page's redirect, as a real client meets them. */
import { expect, test } from 'vitest'
import { ask, dial, handshake, NAME, RTT, SERVICE, tcp, tlsRig } from './acts-rig.ts'

const OTHER = { address: '240.149.167.91', port: 443 }
const DOMESTIC = { address: '240.7.200.20', port: 443 }
const only = { to: ['240.149.167.50/32'] }

test('dropped: one address is silent, its neighbour is not, and an open connection goes on once the rule is lifted', async () => {
  const rig = await tlsRig()
  const { outcome, socket } = await handshake(rig, await tcp(rig))
  expect(outcome.t).toBe('secure')
  rig.impose({ match: only, act: { do: 'drop' } })
  expect((await dial(rig, SERVICE, 5000)).end).toBe('silence')
  expect((await dial(rig, OTHER)).end).toBe('open')
  let got = ''
  socket.on('data', (bytes: Buffer) => {
    got += bytes.toString()
  })
  socket.write('still there?')
  await rig.lab.run(3000)
  expect(got).toBe('')
  rig.lab.engine.judge.remove('r')
  await rig.lab.run(10_000)
  expect(got).toBe('still there?')
})

test('refused: sooner than the address could have answered, and its neighbour is open', async () => {
  const rig = await tlsRig()
  rig.impose({ match: only, act: { do: 'reset' } })
  const { end, ms } = await dial(rig)
  expect(end).toBe('ECONNREFUSED')
  expect(ms).toBeLessThan(RTT / 2)
  expect((await dial(rig, OTHER)).end).toBe('open')
})

test('unreachable: the one address has no way to it', async () => {
  const rig = await tlsRig()
  rig.impose({ match: only, act: { do: 'unreachable', code: 'EHOSTUNREACH' } })
  expect((await dial(rig)).end).toBe('EHOSTUNREACH')
  expect((await dial(rig, OTHER)).end).toBe('open')
})

test('a prefix: strangers in it fall silent, too, and the other cloud stands', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { to: ['240.52.0.0/16', '240.54.0.0/16'] }, act: { do: 'drop' } })
  expect((await dial(rig, { address: '240.52.40.20', port: 443 })).end).toBe('silence')
  expect((await dial(rig, { address: '240.54.8.30', port: 443 })).end).toBe('silence')
  expect((await dial(rig, { address: '240.35.60.7', port: 443 })).end).toBe('open')
})

test('a shutdown: neither look-ups nor connections, domestic or not, until it is lifted; elsewhere nothing is missing', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { providers: ['ru-a'] }, act: { do: 'allowlist', prefixes: [] } })
  expect(await ask(rig, NAME, '240.7.1.53')).toEqual([])
  for (const to of [SERVICE, DOMESTIC]) expect((await dial(rig, to, 3000)).end).toBe('silence')
  const bob = await rig.network('bob', 'nl-a')
  expect((await dial({ ...rig, alice: bob })).end).toBe('open')
  rig.lab.engine.judge.remove('r')
  expect(await ask(rig, NAME, '240.7.1.53')).toHaveLength(1)
})

test('a redirect to a page that records: whoever follows it with a browser is recorded, whoever only reads it is not', async () => {
  const rig = await tlsRig()
  rig.impose({
    match: { host: [{ how: 'exact', text: 'tl.test' }] },
    act: { do: 'blockpage', status: 302, location: 'http://240.77.252.152/' },
  })
  const get = async (address: string, host: string, path: string, cookie: string) => {
    const stream = await tcp(rig, { address, port: 80 })
    let text = ''
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    stream.on('error', () => {})
    stream.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${cookie}Connection: close\r\n\r\n`)
    await rig.lab.run(1000)
    return text
  }
  const location = /Location: http:\/\/([0-9.]+)\//.exec(await get('240.149.167.99', 'tl.test', '/', ''))?.[1] ?? ''
  expect(rig.lab.services.tracker.countOf('alice')).toBe(0)
  const page = await get(location, location, '/', '')
  const cookie = /set-cookie: *([^;\r\n]+)/i.exec(page)?.[1]
  for (const [, path = ''] of page.matchAll(/<(?:script|img) src="(\/[^"]*)"/g))
    await get(location, location, path, `Cookie: ${cookie}\r\n`)
  expect(rig.lab.services.tracker.countOf('alice')).toBe(1)
})

test('false routes: another machine answers, as near as it is, and cannot prove itself; what was open is reset; true routes mend it', async () => {
  const rig = await tlsRig()
  const { socket: open } = await handshake(rig, await tcp(rig))
  let reset: unknown = null
  open.on('error', (error: Error & { code?: string }) => {
    reset = error.code
  })
  // A site of the country's own hosting answers for the service, 25 ms away instead of 80.
  rig.impose({ match: { providers: ['ru-a'], to: ['240.149.167.0/24'] }, act: { do: 'reroute', to: DOMESTIC.address } })
  open.write('still there?')
  await rig.lab.run(500)
  expect(reset).toBe('ECONNRESET')
  const astray = await dial(rig)
  expect(astray.end).toBe('open')
  expect(astray.ms).toBeLessThan(RTT / 2)
  expect((await handshake(rig, await tcp(rig))).outcome).toMatchObject({ t: 'error', code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  expect((await dial(rig, OTHER)).end).toBe('open')
  const bob = await rig.network('bob', 'nl-a')
  expect((await handshake(rig, await tcp({ ...rig, alice: bob }))).outcome.t).toBe('secure')
  rig.lab.engine.judge.remove('r')
  expect((await handshake(rig, await tcp(rig))).outcome.t).toBe('secure')
})

test('a box at the way out of a country meets what leaves it, from every provider there, and nothing that stays inside', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { providers: ['ru-ix'] }, act: { do: 'drop' } })
  expect((await dial(rig)).end).toBe('silence')
  expect((await dial(rig, DOMESTIC)).end).toBe('open')
  expect(await ask(rig, NAME, '240.7.1.53')).toHaveLength(1)
  const [other, abroad] = [await rig.network('bob', 'ru-spb-b'), await rig.network('carol', 'nl-a')]
  expect((await dial({ ...rig, alice: other })).end).toBe('silence')
  expect((await dial({ ...rig, alice: abroad })).end).toBe('open')
})
