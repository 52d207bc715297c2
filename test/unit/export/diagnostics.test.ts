/** What a person hands to a stranger: enough to help with, and nothing that tells who or where they are. */
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { diagnosticsOf } from '../../../electron/core/export/diagnostics.ts'
import { Diagnostics, namedFacts } from '../../../shared/contract/diagnostics.ts'
import { PathState } from '../../../shared/contract/path.ts'
import type { Bundle, Endpoint } from '../../../shared/protocol/bundle.ts'
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
  const made = exported({
    ...russiaPath,
    route: { recipe: bridge, endpoint: 'chat-a', kind: 'proxy', proxyId: 'hand-abc', connectMs: 730, since: NOW - 5000 },
    routes: [plain, socks, bridge, front, learned].map(route),
  })
  expect(made.test_keys.routes.map(({ recipe }) => recipe)).toEqual([
    'tcp 240.0.0.1:443 | tls sni=chat.relay.test host=chat.relay.test | ws',
    'socks5 [bridge 2] | tcp 240.0.0.2:443 | tls sni=chat.relay.test host=chat.relay.test | ws',
    'ws-bridge [bridge 1] | tls sni=none host=chat.relay.test | ws',
    'front 240.9.9.1:443 | tls sni=chat.relay.test host=chat.relay.test | ws',
    'tcp [address 2.1]:443 | tls sni=chat.relay.test host=chat.relay.test split=segment | ws',
  ])
  expect(made.test_keys.connection.route).toEqual({
    recipe: 'ws-bridge [bridge 1] | tls sni=none host=chat.relay.test | ws',
    kind: 'proxy',
    connect_ms: 730,
    t0: -5,
  })
  expect(made.measurement_start_time).toBe('2027-01-15 08:00:00')
})

it('keeps what helps: findings with evidence, attempts with steps, reasons and what pulled them forward', () => {
  const { planes, race } = exported(russiaPath).test_keys
  expect(Object.entries(planes).map(([plane, finding]) => [plane, finding?.kind])).toEqual(
    russiaPath.verdicts.map(({ plane, kind }) => [plane, kind]),
  )
  expect(race.attempts.map(({ outcome, failure }) => [outcome, failure])).toEqual([
    ['cancelled', 'interrupted'],
    ['failed', 'generic_timeout_error'],
    ['failed', 'connection_reset'],
    ['won', null],
  ])
})

const context = { now: NOW, endpoints: bundle.endpoints, controls: bundle.controls, bogons: bundle.bogons, relayAlive: false }

function exported(path: PathState, seen: readonly Observation[] = []) {
  return diagnosticsOf({ path, evidence: { observations: seen, context }, history: [], version: '0.1.0', bundle })
}

/** Measurements whose free texts are these. */
function observations(texts: readonly string[]): readonly Observation[] {
  let next = 0
  const any = () => texts[next++ % texts.length] ?? ''
  const seen = { at: NOW - 60_000, ms: 40, plane: 'chat', role: 'target', source: 'proxy', provider: any(), endpoint: any() } as const
  const wrong = { kind: 'certificate', code: any(), issuer: any() } as const
  return [
    {
      ...seen,
      t: 'dns',
      name: any(),
      resolver: 'system',
      resolverId: any(),
      outcome: { kind: 'answer', addresses: [any()], late: [[any()]] },
    },
    { ...seen, t: 'dns', name: any(), resolver: 'other', resolverId: any(), outcome: { kind: 'error', rcode: any() } },
    { ...seen, t: 'dns', name: any(), resolver: 'doh', resolverId: any(), outcome: { kind: 'failed', reason: any() } },
    { ...seen, t: 'tcp', address: any(), port: 51_413, outcome: { kind: 'failed', code: any() } },
    { ...seen, t: 'tls', address: any(), sni: any(), outcome: wrong },
    { ...seen, t: 'tls', address: any(), sni: any(), outcome: { kind: 'failed', code: any() } },
    { ...seen, t: 'hello', address: any(), outcome: { kind: 'refused', code: any() } },
    { ...seen, t: 'portal', address: any(), outcome: { kind: 'failed', code: any() } },
    { ...seen, t: 'status', address: any(), outcome: { kind: 'reset' } },
    { ...seen, t: 'vantage', via: any(), address: any(), outcome: wrong },
    { ...seen, t: 'vantage', via: any(), address: any(), outcome: { kind: 'no-vantage', code: any() } },
    { ...seen, t: 'transfer', address: any(), sni: any(), bytes: 9, kbps: null, outcome: { kind: 'failed', code: any() } },
    { ...seen, t: 'local', up: true, v6: true, settledMs: 1, clockSkewMs: null, installed: [any()] },
  ]
}

it('tells nobody of the ways that were meant for a few', () => {
  const few: Endpoint = {
    id: 'cellar',
    plane: 'chat',
    host: 'cellar.few.test',
    port: 443,
    addresses: ['203.0.113.21'],
    provider: 'cellar-co',
  }
  const seen = {
    at: NOW - 60_000,
    ms: 40,
    plane: 'chat',
    role: 'target',
    source: 'bundle',
    provider: few.provider,
    endpoint: few.id,
  } as const
  const evidence = {
    observations: [{ ...seen, t: 'tcp', address: '203.0.113.21', port: 443, outcome: { kind: 'connected' } } as const],
    context: { ...context, endpoints: [...bundle.endpoints, few] },
  }
  const merged = { ...bundle, endpoints: [...bundle.endpoints, few] }
  const text = JSON.stringify(
    diagnosticsOf({ path: russiaPath, evidence, history: [], version: '0.1.0', bundle: merged, forFew: ['cellar'] }),
  )
  expect(text).not.toMatch(/cellar|203\.0\.113/)
  expect(text).toContain('240.0.0.2')
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
      const text = JSON.stringify(exported(state, observations(texts)))
      v.parse(Diagnostics, JSON.parse(text))
      for (const secret of [...texts, '203.0.113', 'home-of-somebody', '51413']) expect(text).not.toContain(secret)
    }),
    { numRuns: 150 },
  )
})
