/** The parts of reach that decide without sockets: recipes, memory, bundle, knocks, return, turns, heartbeat, proxies by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBundleHolder } from '../../../electron/core/reach/bundle-holder.ts'
import { type Candidate, type Choices, candidates, plan } from '../../../electron/core/reach/candidates.ts'
import { createCooldown } from '../../../electron/core/reach/cooldown.ts'
import { createHandProxies, parseProxyUrl } from '../../../electron/core/reach/hand-proxies.ts'
import { createHeartbeat } from '../../../electron/core/reach/heartbeat.ts'
import { createKnocks } from '../../../electron/core/reach/knocks.ts'
import { createLoginTurns } from '../../../electron/core/reach/login-turn.ts'
import { isBogon } from '../../../electron/core/reach/lookups.ts'
import { createNetworkMemory } from '../../../electron/core/reach/memory.ts'
import { parseRecipe, printRecipe, type Recipe } from '../../../electron/core/reach/recipe.ts'
import { createReturn } from '../../../electron/core/reach/return.ts'
import { type Bundle, signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { memoryValues } from './world.ts'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
const random = () => seededRandom(3)
const endpoint = (id: string, host: string, ...addresses: string[]) => ({
  id,
  plane: 'chat' as const,
  host,
  port: 443,
  addresses,
  provider: id,
})
const choices = (changes: Partial<Choices> = {}): Choices => ({
  endpoints: [endpoint('a', 'chat.test', '240.16.0.10', '2001:db8::10'), endpoint('b', 'other.test', '240.17.0.10')],
  proxies: [{ id: 'p', kind: 'socks5', address: '240.32.0.1', port: 1080 }],
  carrier: 'ws',
  v6: false,
  learned: [],
  remembered: [],
  round: 0,
  ...changes,
})
const first = (changes?: Partial<Choices>): Candidate => {
  const [candidate] = candidates(choices(changes))
  if (!candidate) throw new Error('no candidate')
  return candidate
}

describe('recipes', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => !text.includes('%'))
  const port = fc.integer({ min: 1, max: 65_535 })
  const recipe: fc.Arbitrary<Recipe> = fc.record({
    proxy: fc.option(fc.record({ kind: fc.constantFrom('socks5' as const, 'http-connect' as const), address, port })),
    address,
    port,
    sni: fc.option(fc.domain()),
    carrier: fc.constantFrom('ws' as const, 'http' as const),
  })
  it('are one line of text and back, without loss', () => {
    fc.assert(
      fc.property(recipe, (one) => {
        expect(parseRecipe(printRecipe(one))).toEqual(one)
      }),
    )
  })
  it('reads as documented', () => {
    const text = 'socks5 240.32.0.1:1080 | tcp [2001:db8::1]:443 | tls sni=chat.test | ws'
    expect(parseRecipe(text)).toMatchObject({ proxy: { kind: 'socks5', port: 1080 }, address: '2001:db8::1', sni: 'chat.test' })
  })
  it('refuses everything else without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseRecipe(text)
        if (parsed) expect(printRecipe(parsed)).toBe(text)
      }),
    )
    for (const text of [
      '',
      'tcp chat.test:443 | tls | ws',
      'tcp 1.2.3.4:0 | tls | ws',
      'tcp 1.2.3.4:443 | tls | ws | ws',
      'x 1.2.3.4:1 | tcp 1.2.3.4:443 | tls | ws',
    ])
      expect(parseRecipe(text)).toBeNull()
  })
})

describe('what is tried', () => {
  it('leaves out IPv6 where there is none, and learned addresses that are known already', () => {
    const learned = [
      { address: '240.16.0.10', source: 'doh' as const },
      { address: '240.16.0.99', source: 'doh' as const },
    ]
    expect(candidates(choices({ learned })).map(({ kind, source, recipe }) => [kind, source, recipe.address])).toEqual([
      ['plain', 'bundle', '240.16.0.10'],
      ['address', 'doh', '240.16.0.99'],
      ['sibling', 'bundle', '240.17.0.10'],
      ['proxy', 'proxy', '240.16.0.10'],
    ])
    expect(candidates(choices({ v6: true }))).toHaveLength(4)
  })
  it('pairs proxies with another endpoint in the next round', () => {
    const proxied = candidates(choices({ round: 1 })).find(({ proxy }) => proxy)
    expect(proxied?.endpoint.id).toBe('b')
  })
  it('starts a remembered way at once even if it is on no list any more, but not one of a name that is gone', () => {
    const remembered = ['tcp 240.16.0.77:443 | tls sni=chat.test | ws', 'tcp 240.16.0.78:443 | tls sni=gone.test | ws']
    const atOnce = plan(choices({ remembered }), 200).filter(({ atMs }) => atMs === 0)
    expect(atOnce.map(({ candidate }) => candidate.recipe.address)).toEqual(['240.16.0.77', '240.16.0.10'])
  })
})

describe('leaving alone what was just blocked', () => {
  it('holds for the time given, unless nothing else is left, and ends on another network', () => {
    const clock = new VirtualClock()
    const cooldown = createCooldown(clock, 180_000)
    const starts = plan(choices(), 200)
    cooldown.failed(first(), 'encrypt', 'reset')
    expect(cooldown.sift(starts).map(({ atMs, candidate }) => [atMs, candidate.kind])).toEqual([
      [0, 'sibling'],
      [200, 'proxy'],
    ])
    for (const { candidate } of starts.slice(1)) {
      clock.advance(10)
      cooldown.failed(candidate, 'encrypt', 'closed')
    }
    expect(cooldown.sift(starts).map(({ candidate }) => candidate.kind)).toEqual(['plain'])
    clock.advance(180_000)
    expect(cooldown.sift(starts)).toHaveLength(3)
    cooldown.failed(first(), 'encrypt', 'timeout')
    cooldown.clear()
    expect(cooldown.sift(starts)).toHaveLength(3)
  })
  it('does not take a refusal for a block: a relay that restarts refuses too', () => {
    const cooldown = createCooldown(new VirtualClock(), 180_000)
    cooldown.failed(first(), 'reach', 'refused')
    expect(cooldown.sift(plan(choices(), 200))).toHaveLength(3)
  })
})

describe('network memory', () => {
  it('keeps winner and runner-up per network and plane, across restarts, for seven days', () => {
    const clock = new VirtualClock()
    const values = memoryValues()
    const before = createNetworkMemory(values, clock, random())
    before.worked('home', 'chat', 'one')
    before.worked('home', 'chat', 'two')
    before.worked('home', 'chat', 'three')
    before.worked('cafe', 'chat', 'four')
    const memory = createNetworkMemory(values, clock, random())
    expect(memory.recall('home', 'chat')).toEqual(['three', 'two'])
    expect(memory.recall('home', 'media')).toEqual([])
    expect(memory.recall('cafe', 'chat')).toEqual(['four'])
    clock.advance(7 * 24 * 3_600_000)
    expect(memory.recall('home', 'chat')).toEqual([])
  })
  it('writes no network down in clear', () => {
    const values = memoryValues()
    createNetworkMemory(values, new VirtualClock(), random()).worked('home-of-alice', 'chat', 'one')
    expect(values.get('reach.memory.v1')).not.toContain('alice')
  })
  it('keeps 32 networks, the latest ones', () => {
    const memory = createNetworkMemory(memoryValues(), new VirtualClock(), random())
    for (let i = 0; i < 40; i++) memory.worked(`n${i}`, 'chat', 'one')
    expect([7, 8, 39].map((i) => memory.recall(`n${i}`, 'chat').length)).toEqual([0, 1, 1])
  })
  it('forgets a way only after it failed twice, ten minutes apart', () => {
    const clock = new VirtualClock()
    const memory = createNetworkMemory(memoryValues(), clock, random())
    memory.worked('home', 'chat', 'one')
    memory.failed('home', 'chat', 'one', 'timeout')
    memory.failed('home', 'chat', 'one', 'timeout')
    expect(memory.recall('home', 'chat')).toEqual(['one'])
    clock.advance(600_000)
    memory.failed('home', 'chat', 'one', 'timeout')
    expect(memory.recall('home', 'chat')).toEqual([])
  })
  it.each(['', 'nonsense', '{"salt":"!","networks":[]}', '{"salt":1}'])('starts afresh from a damaged record: %s', (text) => {
    const values = memoryValues()
    values.set('reach.memory.v1', text)
    const memory = createNetworkMemory(values, new VirtualClock(), random())
    memory.worked('home', 'chat', 'one')
    expect(memory.recall('home', 'chat')).toEqual(['one'])
  })
})

describe('the bundle in force', () => {
  const ours = signingKeyFromSeed(new Uint8Array(32).fill(1))
  const theirs = signingKeyFromSeed(new Uint8Array(32).fill(2))
  const bundle = (version: number, signer = ours): Bundle => ({
    format: 1,
    version,
    notBefore: 0,
    expires: 1_000_000,
    relayKey: toBase64Url(ours.publicKey),
    signers: [toBase64Url(signer.publicKey)],
    roots: [],
    endpoints: [endpoint('a', 'chat.test', '240.16.0.10')],
    proxies: [],
    doh: [],
    controls: [],
    bogons: [],
  })
  const signed = (version: number, signer = ours) => signBundle(bundle(version, signer), signer)

  it('takes newer ones by the same signer, keeps them over a restart, and never goes back', () => {
    const values = memoryValues()
    const clock = new VirtualClock(1_000)
    const holder = createBundleHolder(signed(1), values, clock)
    const told: number[] = []
    holder.onChange(({ version }) => told.push(version))
    expect(holder.offer(signed(3))).toBeNull()
    expect(holder.offer(signed(2))).toBe('old')
    expect(holder.offer(signed(3))).toBeNull()
    expect(told).toEqual([3])
    expect(createBundleHolder(signed(1), values, clock).current().version).toBe(3)
  })
  it('refuses foreign, tampered and expired ones with the reason and keeps what it has', () => {
    const clock = new VirtualClock(1_000)
    const holder = createBundleHolder(signed(1), memoryValues(), clock)
    expect(holder.offer(signed(9, theirs))).toBe('foreign')
    const tampered = { ...signed(9), payload: signed(9).payload.replace('240.16.0.10', '240.16.0.66') }
    expect(holder.offer(tampered)).toBe('bad-signature')
    expect(holder.offer({ payload: 'x' })).toBe('malformed')
    holder.provenTime(2_000_000)
    expect(holder.offer(signed(9))).toBe('expired')
    expect(holder.current().version).toBe(1)
  })
  it('does not start from somebody else’s file, nor from nothing', () => {
    const values = memoryValues()
    const clock = new VirtualClock(1_000)
    createBundleHolder(signed(1), values, clock)
    expect(() => createBundleHolder(signed(5, theirs), values, clock)).toThrow('bad-bundle: foreign')
    expect(() => createBundleHolder({}, memoryValues(), clock)).toThrow('bad-bundle: malformed')
  })
  it('goes on with an expired one it holds', () => {
    const values = memoryValues()
    const clock = new VirtualClock(1_000)
    createBundleHolder(signed(1), values, clock)
    clock.advance(2_000_000)
    expect(createBundleHolder(signed(1), values, clock).current().version).toBe(1)
  })
})

describe('proxies by hand', () => {
  it('are kept with their password and taken away again', () => {
    const values = memoryValues()
    const proxies = createHandProxies(values, random())
    proxies.add('socks5://ann:s%3Acret@240.32.0.9:1081')
    const [kept] = createHandProxies(values, random()).list()
    expect(kept).toMatchObject({ kind: 'socks5', address: '240.32.0.9', port: 1081, username: 'ann', password: 's:cret' })
    expect(() => proxies.add('socks5://240.32.0.9:1081')).toThrow('already-there')
    proxies.remove(kept?.id ?? '')
    expect(createHandProxies(values, random()).list()).toEqual([])
    expect(() => proxies.remove('x')).toThrow('no-such-route')
  })
  it('have the usual port when none is given', () => {
    expect(parseProxyUrl('http://240.32.0.9')).toEqual({ kind: 'http-connect', address: '240.32.0.9', port: 80 })
    expect(parseProxyUrl('socks5://[2001:db8::1]')).toEqual({ kind: 'socks5', address: '2001:db8::1', port: 1080 })
  })
  it.each([
    '',
    'socks5://',
    'socks5://proxy.test:1080',
    'ftp://1.2.3.4',
    'http://1.2.3.4/path',
    'socks5://:pw@1.2.3.4',
    'http://1.2.3.4:99999',
    `socks5://${'x'.repeat(256)}:y@1.2.3.4`,
    'socks5://%ff@1.2.3.4',
  ])('says clearly what is wrong with %s', (url) => {
    expect(() => parseProxyUrl(url)).toThrow(/^bad-input: ./)
  })
  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `socks5://${text}`),
        ),
        (text) => {
          try {
            parseProxyUrl(text)
          } catch (error) {
            expect(error).toMatchObject({ code: 'bad-input' })
          }
        },
      ),
    )
  })
})

it('knocks at 1, 2, 3, 5, 8, 13, 20 s and then about every 30 s, and from the beginning after a change', () => {
  const clock = new VirtualClock()
  const at: number[] = []
  const knocks = createKnocks({
    clock,
    random: random(),
    onKnock: () => {
      at.push(clock.monotonic() / 1000)
      knocks.next()
    },
  })
  knocks.next()
  expect(knocks.nextAt).toBe(1_000)
  clock.advance(52_000)
  expect(at).toEqual([1, 3, 6, 11, 19, 32, 52])
  clock.advance(36_000)
  expect(at).toHaveLength(8)
  expect(at[7]).toBeGreaterThanOrEqual(76)
  knocks.reset()
  expect(knocks.nextAt).toBeNull()
  knocks.next()
  clock.advance(1_000)
  expect(at).toHaveLength(9)
})

describe('the return to the plain path', () => {
  const build = (test: () => boolean, move = () => true) => {
    const clock = new VirtualClock()
    const tests: number[] = []
    const moves: number[] = []
    const returning = createReturn({
      clock,
      random: { ...random(), fraction: () => 0.5 },
      holdMs: 300_000,
      test: async () => {
        tests.push(clock.monotonic() / 1000)
        return test()
      },
      move: async () => {
        moves.push(clock.monotonic() / 1000)
        return move()
      },
      onChange: () => {},
    })
    return { clock, tests, moves, returning, run: (s: number) => clock.run(s * 1000, settle) }
  }
  it('moves after three tests passed over the whole hold, and says when', async () => {
    const { tests, moves, returning, run } = build(() => true)
    returning.start()
    await run(59)
    expect(returning.state()).toBeNull()
    await run(2)
    expect(returning.state()).toEqual({ readyAt: 360_000, holdMs: 300_000 })
    await run(400)
    expect(tests).toEqual([60, 210, 360])
    expect(moves).toEqual([360])
  })
  it('begins anew after one failure, and waits longer each time', async () => {
    let answers = [true, false, false, false, false]
    const { tests, moves, returning, run } = build(() => answers.shift() ?? false)
    answers = [true, false, false, false, false]
    returning.start()
    await run(4_000)
    expect(tests).toEqual([60, 210, 450, 1050, 1950, 2850, 3750])
    expect(moves).toEqual([])
    expect(returning.state()).toBeNull()
  })
  it('tests soon when something else says that the path is free, but not more often than at first', async () => {
    const { tests, returning, run } = build(() => false)
    returning.start()
    await run(500)
    expect(tests).toEqual([60, 300])
    returning.soon()
    await run(1)
    expect(tests).toEqual([60, 300, 500])
    returning.soon()
    returning.soon()
    await run(70)
    expect(tests).toEqual([60, 300, 500, 560])
  })
  it('keeps its rhythm while the path holds, and stays quiet while no detour is in use', async () => {
    const { tests, returning, run } = build(() => true)
    returning.soon()
    await run(100)
    expect(tests).toEqual([])
    returning.start()
    await run(61)
    returning.soon()
    await run(100)
    expect(tests).toEqual([160])
  })
  it('stops when told to', async () => {
    const { tests, returning, run } = build(() => true)
    returning.start()
    await run(100)
    returning.stop()
    await run(1_000)
    expect(tests).toEqual([60])
  })
})

describe('one login at a time', () => {
  it('passes the turn on when the holder is done, and presses a slow holder only while somebody waits', async () => {
    const clock = new VirtualClock()
    const turns = createLoginTurns(clock)
    const log: string[] = []
    const take = (name: string) => {
      const place = turns.take(400, () => log.push(`${name} lost`))
      void place.ready.then(() => log.push(`${name} begins at ${clock.monotonic()}`))
      return place
    }
    take('a')
    await clock.run(1_000, settle)
    const b = take('b')
    const c = take('c')
    await clock.run(100, settle)
    b.release()
    b.release()
    await settle()
    c.release()
    expect(log).toEqual(['a begins at 0', 'a lost', 'b begins at 1000', 'c begins at 1100'])
  })
})

describe('the heartbeat', () => {
  const build = () => {
    const clock = new VirtualClock()
    const log: string[] = []
    const heartbeat = createHeartbeat({
      clock,
      beat: () => {
        log.push(`beat ${clock.monotonic()}`)
        heartbeat.wrote()
      },
      onSuspect: (since) => log.push(`suspect ${clock.monotonic()} since ${since}`),
      onRecovered: () => log.push(`recovered ${clock.monotonic()}`),
    })
    return { clock, log, heartbeat }
  }
  it('beats every ten seconds and suspects 1.5 s after a write that nothing answered', () => {
    const { clock, log, heartbeat } = build()
    clock.advance(10_100)
    heartbeat.heard()
    heartbeat.answered()
    clock.advance(5_000)
    heartbeat.wrote()
    clock.advance(1_500)
    expect(log).toEqual(['beat 10000', 'suspect 16600 since 15100'])
    heartbeat.heard()
    expect(log.at(-1)).toBe('recovered 16600')
  })
  it('is more patient where round trips are long, and never suspects mere quiet', () => {
    const { clock, log, heartbeat } = build()
    heartbeat.sample(1_000)
    heartbeat.wrote()
    clock.advance(3_900)
    expect(log).toEqual([])
    clock.advance(100)
    expect(log).toHaveLength(1)
    const quiet = build()
    quiet.clock.advance(9_999)
    expect(quiet.log).toEqual([])
  })
})

it('knows addresses that cannot be a server', () => {
  expect(['0.0.0.0', '127.0.0.1', '::1', 'x', '10.10.34.34'].map((address) => isBogon(address, ['10.0.0.0/8', 'bad']))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ])
  expect(isBogon('240.16.0.10', ['10.0.0.0/8', '2001:db8::/32'])).toBe(false)
})
