/** What a place's own network, and a computer there, do to real clients: for controls and the service alike. */
import { expect, test } from 'vitest'
import type { WorldPart } from '../../../lab/engine/world.ts'
import { ask, dial, handshake, NAME, SERVICE, tcp } from './acts-rig.ts'
import { type ConditionRig, conditionRig, visitPlainly, visitSecurely } from './conditions-rig.ts'

const HERE = ['ru-moscow-a']
const GATEWAY = '240.7.1.1'
const RESOLVER = '240.7.1.53'
const WIKI = { address: '240.31.200.20', name: 'wiki.commons.test' }
const day = 86_400_000

const visitWiki = (rig: ConditionRig, roots: readonly string[] = []) => visitSecurely(rig, WIKI.address, WIKI.name, { roots })

test('a portal answers every look-up, sends every plain request on to itself, ends TLS with its own certificate, and drops the rest', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'portal', places: HERE })
  for (const name of [NAME, WIKI.name, 'no-such-name.test']) {
    for (const resolver of [RESOLVER, '240.8.8.8']) expect(await ask(rig, name, resolver)).toMatchObject([{ addresses: [GATEWAY] }])
  }
  for (const { address, name } of [WIKI, { address: SERVICE.address, name: NAME }]) {
    expect(await visitPlainly(rig, address, name, { path: '/generate_204' })).toMatch(
      /^HTTP\/1\.1 302 [\s\S]*\r\nLocation: http:\/\/240\.7\.1\.1\/\r\n/,
    )
    expect(await visitSecurely(rig, address, name)).toMatchObject({ tls: 'DEPTH_ZERO_SELF_SIGNED_CERT', issuer: 'guest-network.test' })
  }
  expect((await dial(rig, { address: '240.94.10.5', port: 1080 }, 5000)).end).toBe('silence')
})

test('a portal opens for the computer whose user accepted, and for no other', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'portal', places: HERE })
  const bob = await rig.network('bob', 'ru-moscow-a')
  expect(await visitPlainly(rig, GATEWAY, GATEWAY)).toMatch(/<form method="post" action="\/accept">/)
  expect(await visitPlainly(rig, GATEWAY, GATEWAY, { method: 'POST', path: '/accept' })).toMatch(/^HTTP\/1\.1 200 /)
  expect(await ask(rig, NAME, RESOLVER)).toMatchObject([{ addresses: ['240.149.167.50', '240.149.167.91'] }])
  expect(await visitWiki(rig)).toMatchObject({ tls: 'secure' })
  expect((await handshake(rig, await tcp(rig))).outcome).toMatchObject({ t: 'secure' })
  expect((await dial({ ...rig, alice: bob }, { address: '240.94.10.5', port: 1080 }, 3000)).end).toBe('silence')
})

test('what was open when a portal closes is lost, and comes again when it opens', async () => {
  const rig = await conditionRig()
  const { socket } = await handshake(rig, await tcp(rig))
  let heard = ''
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString()
  })
  const open = rig.hold({ do: 'portal', places: HERE })
  socket.write('is anybody there?')
  await rig.lab.run(3000)
  expect(heard).toBe('')
  open()
  await rig.lab.run(10_000)
  expect(heard).toBe('is anybody there?')
})

test('a box of the computer’s own stands before all TLS with one issuer nobody knows, and passes on what is said', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'inspect', places: HERE })
  expect(await visitWiki(rig)).toMatchObject({ tls: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', issuer: 'Home Guard antivirus' })
  const { outcome } = await handshake(rig, await tcp(rig))
  expect(outcome).toMatchObject({ t: 'error', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  expect(await visitPlainly(rig, WIKI.address, WIKI.name, { path: '/generate_204' })).toMatch(/^HTTP\/1\.1 204 /)
})

test('a box that the computer was told to trust is accepted by who trusts it, and the computer knows which it is', async () => {
  const rig = await conditionRig()
  expect(rig.alice.facts().installedRoots).toBeUndefined()
  const end = rig.hold({ do: 'inspect', places: HERE, installed: true })
  await rig.lab.settle()
  const roots = rig.alice.facts().installedRoots ?? []
  expect(roots).toHaveLength(1)
  expect(await visitWiki(rig)).toMatchObject({ tls: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', issuer: 'Company gateway' })
  const seen = await visitWiki(rig, roots)
  expect(seen).toMatchObject({ tls: 'secure', issuer: 'Company gateway' })
  expect(seen?.text).toContain('an encyclopedia')
  end()
  expect(await visitWiki(rig)).toMatchObject({ tls: 'secure', issuer: 'Lab authority' })
})

test('a box beyond the computer’s own still sees its flows', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'inspect', places: HERE, installed: true })
  rig.impose({ match: { providers: ['ru-a'], sni: [{ how: 'exact', text: WIKI.name }] }, act: { do: 'drop' } })
  await rig.lab.settle()
  expect(await visitWiki(rig, rig.alice.facts().installedRoots)).toBeNull()
})

test('a household’s own look-up answers falsely for its names, asks on for others, and the provider’s tells the truth', async () => {
  const rig = await conditionRig()
  const end = rig.hold({ do: 'filter', places: HERE, names: ['throughline.test'], addresses: ['0.0.0.0'] })
  await rig.lab.settle()
  expect(rig.alice.facts().resolvers.map(({ address }) => address)).toEqual([GATEWAY, RESOLVER])
  expect(await ask(rig, NAME, GATEWAY)).toMatchObject([{ rcode: 'NOERROR', addresses: ['0.0.0.0'] }])
  expect(await ask(rig, NAME, GATEWAY, { type: 'AAAA' })).toMatchObject([{ rcode: 'NOERROR', addresses: [] }])
  expect(await ask(rig, WIKI.name, GATEWAY)).toMatchObject([{ addresses: [WIKI.address] }])
  expect(await ask(rig, NAME, RESOLVER)).toMatchObject([{ addresses: ['240.149.167.50', '240.149.167.91'] }])
  end()
  await rig.lab.settle()
  expect(rig.alice.facts().resolvers.map(({ address }) => address)).toEqual([RESOLVER])
  expect(await ask(rig, NAME, GATEWAY)).toEqual([])
})

test('a household’s own look-up may also say that there is no such name', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'filter', places: HERE, names: ['throughline.test'], addresses: [] })
  expect(await ask(rig, NAME, GATEWAY)).toMatchObject([{ rcode: 'NXDOMAIN', soa: false }])
})

test('a filter that the provider keeps for one household answers there alone', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'filter', places: HERE, names: ['throughline.test'], addresses: ['240.7.200.20'], by: 'provider' })
  expect(await ask(rig, NAME, RESOLVER)).toMatchObject([{ addresses: ['240.7.200.20'] }])
  expect(await ask(rig, NAME, '240.8.8.8')).toMatchObject([{ addresses: ['240.149.167.50', '240.149.167.91'] }])
  rig.lab.clients.place('alice', 'nl-a')
  expect(await ask(rig, NAME, RESOLVER), 'asked from another household').toMatchObject([
    { addresses: ['240.149.167.50', '240.149.167.91'] },
  ])
})

test('a clock that is far off makes every certificate look out of date; one that is a little off changes nothing on the wire', async () => {
  const rig = await conditionRig()
  const cases = [
    [200 * day, 'CERT_HAS_EXPIRED'],
    [-200 * day, 'CERT_NOT_YET_VALID'],
  ] as const
  for (const [skewMs, code] of cases) {
    const end = rig.hold({ do: 'clock', places: HERE, skewMs })
    await rig.lab.settle()
    expect(rig.alice.facts().clockSkewMs).toBe(skewMs)
    expect(await visitWiki(rig)).toMatchObject({ tls: code, issuer: 'Lab authority' })
    expect((await handshake(rig, await tcp(rig))).outcome).toMatchObject({ t: 'error', code })
    end()
  }
  rig.hold({ do: 'clock', places: HERE, skewMs: 3_600_000 })
  expect(await visitWiki(rig)).toMatchObject({ tls: 'secure' })
})

test('a line cut behind the gateway loses everything, and the computer does not know it', async () => {
  const rig = await conditionRig()
  const end = rig.hold({ do: 'cut', places: HERE })
  await rig.lab.settle()
  expect(rig.alice.facts()).toMatchObject({ up: true, gateway: GATEWAY })
  expect(await ask(rig, NAME, RESOLVER)).toEqual([])
  expect((await dial(rig, { address: WIKI.address, port: 443 }, 500)).end).toBe('silence')
  const waiting = rig.alice.connect(SERVICE, new AbortController().signal)
  await rig.lab.run(2000)
  end()
  await rig.lab.run(2000)
  expect((await waiting).destroyed, 'its SYN was sent again').toBe(false)
})

test('a link that is gone is known at once, cuts what was open, and comes back', async () => {
  const rig = await conditionRig()
  const stream = await tcp(rig)
  const cut = new Promise<string>((resolve) => stream.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')))
  const before = rig.alice.facts().changedAt
  await rig.lab.run(1000)
  const back = rig.hold({ do: 'cut', places: HERE, link: true })
  await rig.lab.settle()
  expect(rig.alice.facts()).toMatchObject({ up: false, resolvers: [] })
  expect(rig.alice.facts().changedAt).toBeGreaterThan(before)
  expect(await cut).toBe('ECONNRESET')
  expect((await dial(rig)).end).toBe('ENETUNREACH')
  back()
  await rig.lab.settle()
  expect(rig.alice.facts()).toMatchObject({ up: true, gateway: GATEWAY })
  expect((await dial(rig)).end).toBe('open')
})

test('a bad line adds to every round trip and is one narrow way for all', async () => {
  const rig = await conditionRig()
  rig.hold({ do: 'line', places: HERE, addMs: 520, kbps: 128 })
  expect(await dial(rig, SERVICE, 2000)).toMatchObject({ end: 'open', ms: 600 })
  expect((await ask(rig, NAME, RESOLVER))[0]?.ms).toBe(528)
  const began = rig.clock.monotonic()
  const { socket } = await handshake(rig, await tcpLater(rig))
  const mirrored = new Promise<number>((resolve) => {
    let length = 0
    socket.on('data', (bytes: Buffer) => {
      length += bytes.length
      if (length >= 16_000) resolve(rig.clock.monotonic() - began)
    })
  })
  socket.write(Buffer.alloc(16_000))
  await rig.lab.run(6000)
  // There and back at 16 bytes a millisecond is a second each.
  expect(await mirrored).toBeGreaterThan(2000 + 600)
})

async function tcpLater(rig: ConditionRig) {
  const dialling = rig.alice.connect(SERVICE, new AbortController().signal)
  await rig.lab.run(1000)
  return dialling
}

const V6: WorldPart = {
  providers: [
    { id: 'six', title: 'Six', kind: 'access', asn: 65_551, country: 'FI', prefixes: ['240.58.1.0/24', '2001:db8:58::/48'], via: 'eu-ix' },
    { id: 'six-hosting', title: 'Six', kind: 'hosting', asn: 65_550, country: 'FI', prefixes: ['2001:db8:59::/48'] },
  ],
  links: [],
  places: [
    {
      id: 'six',
      title: 'Six',
      country: 'FI',
      provider: 'six',
      clients: '240.58.1.0/24',
      gateway: '240.58.1.1',
      resolvers: ['240.8.8.8'],
      v6: true,
      clients6: '2001:db8:58::/64',
    },
  ],
  hosts: [
    {
      id: 'six-service',
      title: 'Six',
      provider: 'six-hosting',
      kind: 'relay',
      what: '',
      addresses: ['2001:db8:59::10'],
      names: ['chat.throughline.test'],
      up: true,
    },
  ],
}
const SERVICE6 = { address: '2001:db8:59::10', port: 443 }

test('a place with IPv6 has AAAA answers that lead somewhere; elsewhere there is no way to them', async () => {
  const rig = await conditionRig()
  await rig.lab.add('six', V6)
  expect((await dial(rig, SERVICE6)).end).toBe('ENETUNREACH')
  rig.lab.clients.place('alice', 'six')
  await rig.lab.settle()
  expect(rig.alice.facts().v6).toBe(true)
  const seen = new Set<string>()
  rig.lab.engine.packets.on(({ way }) => seen.add(`${way.from} ${way.toProvider}`))
  expect(await ask(rig, NAME, '240.8.8.8', { type: 'AAAA' })).toMatchObject([{ addresses: ['2001:db8:59::10'] }])
  expect((await dial(rig, SERVICE6)).end).toBe('open')
  expect([...seen]).toContain('2001:db8:58::64 six-hosting')
})

test.each([
  ['unreachable', 'EHOSTUNREACH'],
  ['drop', 'silence'],
] as const)('IPv6 that is routed nowhere (%s) is still looked up, and IPv4 works', async (how, end) => {
  const rig = await conditionRig()
  await rig.lab.add('six', V6)
  rig.lab.clients.place('alice', 'six')
  rig.hold({ do: 'v6-broken', places: ['six'], how })
  expect(await ask(rig, NAME, '240.8.8.8', { type: 'AAAA' })).toMatchObject([{ addresses: ['2001:db8:59::10'] }])
  expect((await dial(rig, SERVICE6)).end).toBe(end)
  expect((await dial(rig)).end).toBe('open')
})
