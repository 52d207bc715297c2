/** Which ways there are, in which order they are tried where nothing is heard of any, and what is left alone for a while. */
import { describe, expect, it } from 'vitest'
import { type Candidate, type Choices, candidates } from '../../../electron/core/reach/candidates.ts'
import { createCooldown } from '../../../electron/core/reach/cooldown.ts'
import { plan } from '../../../electron/core/reach/plan.ts'
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const endpoint = (id: string, host: string, ...addresses: string[]) => ({
  id,
  plane: 'chat' as const,
  host,
  port: 443,
  addresses,
  provider: id,
  disguise: { split: false, nameless: false },
})
const choices = (changes: Partial<Choices> = {}): Choices => ({
  endpoints: [endpoint('a', 'chat.test', '240.16.0.10', '2001:db8::10'), endpoint('b', 'other.test', '240.17.0.10')],
  proxies: [{ id: 'p', kind: 'socks5', address: '240.32.0.1', port: 1080 }],
  carrier: 'ws',
  v6: false,
  learned: [],
  remembered: [],
  doubted: new Set(),
  round: 0,
  ...changes,
})
const first = (changes?: Partial<Choices>): Candidate => {
  const [candidate] = candidates(choices(changes))
  if (!candidate) throw new Error('no candidate')
  return candidate
}

const calm = { s: 200, isUrgent: false }

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
    const atOnce = plan(choices({ remembered }), calm).filter(({ atMs }) => atMs === 0)
    expect(atOnce.map(({ candidate }) => candidate.recipe.address)).toEqual(['240.16.0.77', '240.16.0.10'])
  })
})

describe('a name that need not be shown', () => {
  const shop: Endpoint = { ...endpoint('a', 'chat.test', '240.16.0.10'), disguise: { names: ['shop.test'] } }
  const texts = (one: Endpoint) => candidates(choices({ endpoints: [one], proxies: [] })).map(({ text }) => text)
  it('comes in pieces, as another name, or not at all, unless the endpoint says that nobody answers that', () => {
    const to = 'tcp 240.16.0.10:443 | tls'
    const disguised = [`${to} sni=chat.test split=both | ws`, `${to} sni=shop.test host=chat.test | ws`, `${to} host=chat.test | ws`]
    expect(texts(shop)).toEqual([`${to} sni=chat.test | ws`, ...disguised])
    expect(texts({ ...shop, disguise: { split: false, nameless: false, names: [] } })).toEqual([`${to} sni=chat.test | ws`])
  })
  it('is tried last, and at once where it is what worked', () => {
    const last = plan(choices({ endpoints: [shop] }), calm).map(({ candidate }) => candidate.kind)
    expect(last).toEqual(['plain', 'proxy', 'disguise', 'disguise', 'disguise'])
    const remembered = ['tcp 240.16.0.10:443 | tls host=chat.test | ws']
    const first = plan(choices({ endpoints: [shop], remembered }), calm).filter(({ atMs }) => atMs === 0)
    expect(first.map(({ candidate }) => candidate.text)).toEqual([...remembered, 'tcp 240.16.0.10:443 | tls sni=chat.test | ws'])
  })
})

describe('hops that show less, or lead to the relay by themselves', () => {
  const at = { address: '240.32.0.9', port: 443 }
  it.each([
    [
      { kind: 'https-connect' as const, host: 'blog.test', username: 'ann', password: 'secret' },
      'https-connect 240.32.0.9:443 sni=blog.test | tcp 240.16.0.10:443 | tls sni=chat.test | ws',
    ],
    [{ kind: 'ws-bridge' as const, host: 'blog.test', sni: null, path: '/secret' }, 'ws-bridge 240.32.0.9:443 | tls sni=chat.test | ws'],
    [
      { kind: 'transport' as const, transport: 'obfs4', args: { cert: 'secret' } },
      'transport 240.32.0.9:443 name=obfs4 | tls sni=chat.test | ws',
    ],
  ])('$kind is one line without what is secret, and is found again by it', (entry, text) => {
    const proxies = [{ id: 'hop', ...at, ...entry }]
    const [made] = candidates(choices({ proxies })).filter(({ proxy }) => proxy)
    expect(made?.text).toBe(text)
    expect(text).not.toContain('secret')
    const atOnce = plan(choices({ proxies, remembered: [text] }), calm)[0]
    expect(atOnce).toMatchObject({ atMs: 0, candidate: { text, proxy: { id: 'hop' } } })
  })
})

describe('where a proxy was needed', () => {
  it('proxies are tried with the siblings, not after them', () => {
    const remembered = ['socks5 240.32.0.1:1080 | tcp 240.16.0.10:443 | tls sni=chat.test | ws']
    const proxies = ['p', 'q'].map((id, i) => ({ id, kind: 'socks5' as const, address: `240.32.0.${i + 1}`, port: 1080 }))
    const times = (changes: Partial<Choices>) =>
      plan(choices({ proxies, ...changes }), calm).map(({ atMs, candidate }) => `${atMs} ${candidate.proxy?.id ?? candidate.kind}`)
    expect(times({})).toEqual(['0 plain', '200 sibling', '600 p', '700 q'])
    expect(times({ remembered })).toEqual(['0 p', '0 plain', '200 sibling', '200 q'])
  })
})

describe('leaving alone what was just blocked', () => {
  it('holds for the time given, unless nothing else is left, and ends on another network', () => {
    const clock = new VirtualClock()
    const cooldown = createCooldown(clock, 180_000)
    const starts = plan(choices(), calm)
    cooldown.failed(first(), 'encrypt', 'reset')
    expect(cooldown.sift(starts).map(({ atMs, candidate }) => [atMs, candidate.kind])).toEqual([
      [0, 'sibling'],
      [400, 'proxy'],
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
    expect(cooldown.sift(plan(choices(), calm))).toHaveLength(3)
  })
})
