/** What a person hands to a stranger: enough to help with, and nothing that tells who or where they are. */
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { diagnosticsOf } from '../../../electron/core/export/diagnostics.ts'
import { Diagnostics, namedFacts } from '../../../shared/contract/diagnostics.ts'
import { PathState } from '../../../shared/contract/path.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { russiaPath } from '../../support/path-fixtures.ts'
import { bundle as tiny } from '../chats/profile.ts'

const NOW = 1_800_000_123_456
const key = 'K'.repeat(43)
const bundle: Bundle = {
  ...tiny,
  endpoints: [
    {
      id: 'chat-a',
      plane: 'chat',
      host: 'chat.relay.test',
      port: 443,
      addresses: ['240.0.0.1', '240.0.0.2'],
      provider: 'alpha',
      fronts: [{ id: 'f', host: 'front.cdn.test', address: '240.9.9.1', port: 443, service: 'x.cdn.test' }],
    },
  ],
  proxies: [{ id: 'quay', kind: 'socks5', address: '240.94.10.5', port: 1080, username: 'ferry', password: 'hunter2-hunter2' }],
  doh: [{ id: 'doh', address: '240.8.8.8', port: 443, host: 'doh.open.test', path: '/dns-query' }],
}
const plain = 'tcp 240.0.0.1:443 | tls sni=chat.relay.test | ws'
const socks = 'socks5 240.94.10.5:1080 | tcp 240.0.0.2:443 | tls sni=chat.relay.test | ws'
const bridge = 'ws-bridge 198.51.100.7:8443 | tls host=chat.relay.test | ws'
const front = 'front 240.9.9.1:443 sni=front.cdn.test | tls sni=chat.relay.test | ws'
const learned = 'tcp 203.0.113.77:443 | tls sni=chat.relay.test split=segment | ws'

const route = (recipe: string): PathState['routes'][number] => ({
  recipe,
  endpoint: 'chat-a',
  kind: 'proxy',
  source: 'hand',
  last: null,
  remembered: true,
  choice: 'banned',
})

it('keeps the relay’s public names and addresses, and gives the same number to the same bridge everywhere', () => {
  const made = diagnosticsOf(
    {
      ...russiaPath,
      route: { recipe: bridge, endpoint: 'chat-a', kind: 'proxy', proxyId: 'hand-abc', connectMs: 730, since: NOW - 5000 },
      routes: [plain, socks, bridge, front, learned].map(route),
    },
    bundle,
    NOW,
  )
  expect(made.routes.map(({ recipe }) => recipe)).toEqual([
    'tcp 240.0.0.1:443 | tls sni=chat.relay.test host=chat.relay.test | ws',
    'socks5 [bridge 2] | tcp 240.0.0.2:443 | tls sni=chat.relay.test host=chat.relay.test | ws',
    'ws-bridge [bridge 1] | tls sni=none host=chat.relay.test | ws',
    'front 240.9.9.1:443 | tls sni=chat.relay.test host=chat.relay.test | ws',
    'tcp [address 3]:443 | tls sni=chat.relay.test host=chat.relay.test split=segment | ws',
  ])
  expect(made.route).toEqual({
    recipe: 'ws-bridge [bridge 1] | tls sni=none host=chat.relay.test | ws',
    kind: 'proxy',
    connectMs: 730,
    forMs: 5000,
  })
  expect(made.made).toBe('2027-01-15T08:00:00.000Z')
})

it('keeps what helps: findings with evidence, attempts with steps, reasons and what pulled them forward', () => {
  const made = diagnosticsOf(russiaPath, bundle, NOW)
  expect(made.findings.map(({ plane, kind }) => [plane, kind])).toEqual(russiaPath.verdicts.map(({ plane, kind }) => [plane, kind]))
  expect(made.race.attempts.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['cancelled', 'superseded'],
    ['failed', 'timeout'],
    ['failed', 'reset'],
    ['won', null],
  ])
})

/** What may be in a state by any mistake, in any text of it. */
const secrets = fc.oneof(
  fc.ipV4().filter((address) => !address.startsWith('240.') && address.length > 8),
  fc.ipV6().filter((address) => address.length > 12),
  fc.stringMatching(/^[a-z][a-z0-9_]{11,31}$/),
  fc.constantFrom(
    'alice',
    'hunter2-hunter2',
    key,
    '/q8Jx-secret_path',
    'Cafe Luna Guest Wi-Fi',
    'Meet me at noon',
    'gateway-of-ministry',
    'Example Company CA',
  ),
)

const scheme = { ...PathState.entries }
/** A state of the right shape whose free texts are all secrets. */
const planted = fc.tuple(fc.array(secrets, { minLength: 12, maxLength: 12 }), fc.boolean()).map(([texts, asRecipes]) => {
  let next = 0
  const any = () => texts[next++ % texts.length] ?? ''
  const recipe = () => (asRecipes ? `socks5 203.0.113.9:1080 | tcp 203.0.113.8:443 | tls sni=${'home-of-somebody.example'} | ws` : any())
  const state: PathState = {
    ...russiaPath,
    route: { recipe: recipe(), endpoint: any(), kind: 'proxy', proxyId: any(), connectMs: 1, since: 0 },
    standby: { recipe: recipe(), endpoint: any(), kind: 'proxy', provider: any(), since: 0 },
    remembered: [{ recipe: recipe(), plane: 'chat', ms: 1, at: 0, failures: 0 }],
    routes: [{ ...route(recipe()), endpoint: any(), proxyId: any(), last: { ok: false, ms: 1, reason: any(), at: 0 } }],
    attempts: russiaPath.attempts.map((attempt) => ({
      ...attempt,
      recipe: recipe(),
      endpoint: any(),
      reason: any(),
      phases: attempt.phases.map((phase) => ({ ...phase, reason: any() })),
    })),
    verdicts: russiaPath.verdicts.map((verdict) => ({
      ...verdict,
      evidence: [
        {
          rule: any(),
          layer: 'tls',
          code: 'tls-wrong-certificate',
          control: 'none',
          level: 'scored',
          at: 0,
          facts: { ...Object.fromEntries(namedFacts.map((fact) => [fact, any()])), [any()]: any(), network: any(), handle: any() },
        },
      ],
    })),
  }
  return { texts, state: v.parse(v.strictObject(scheme), state) }
})

it('never holds a secret, wherever in the state one stands', () => {
  fc.assert(
    fc.property(planted, ({ texts, state }) => {
      const text = JSON.stringify(diagnosticsOf(state, bundle, NOW))
      v.parse(Diagnostics, JSON.parse(text))
      for (const secret of [...texts, '203.0.113', 'home-of-somebody']) expect(text).not.toContain(secret)
    }),
    { numRuns: 300 },
  )
})
