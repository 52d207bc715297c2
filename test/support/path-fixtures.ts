/** Paths as core would describe them in the historic stories: what the screens are looked at and tested with. */
import type { Attempt, EvidenceLine, PathState, PhaseTrace, Verdict } from '../../shared/contract/path.ts'

/** A fixed moment, so that what is drawn is the same every time. */
export const NOW = Date.parse('2026-03-02T13:46:40Z')

export const verdict = (over: Partial<Verdict> & Pick<Verdict, 'plane'>): Verdict => ({
  kind: 'ok',
  mechanisms: [],
  confidence: 0.95,
  word: 'confirmed',
  place: null,
  evidence: [],
  actions: [],
  exposure: [],
  at: NOW - 8_000,
  since: NOW - 8_000,
  ...over,
})

export const evidence = (over: Partial<EvidenceLine> & Pick<EvidenceLine, 'code'>): EvidenceLine => ({
  rule: 'T5',
  layer: 'tcp',
  facts: {},
  control: 'none',
  level: 'scored',
  at: NOW - 9_000,
  ...over,
})

type Step = readonly [PhaseTrace['phase'], number, number | null, PhaseTrace['outcome']?, string?]

export const attempt = (
  id: number,
  kind: Attempt['kind'],
  recipe: string,
  startMs: number,
  outcome: Attempt['outcome'],
  steps: readonly Step[],
  reason?: string,
): Attempt => ({
  id,
  recipe,
  endpoint: 'chat-1',
  kind,
  startMs,
  outcome,
  phases: steps.map(([phase, start, end, result = 'ok', why]) => ({
    phase,
    startMs: start,
    endMs: end,
    outcome: result,
    ...(why !== undefined && { reason: why }),
  })),
  ...(reason !== undefined && { reason }),
})

const PLAIN = 'chat.relay.test via lookup sni=chat.relay.test'
const SECOND = '240.0.9.10:443 sni=chat.relay.test'
const BRIDGE = 'socks5://240.0.40.7:1080 > 240.0.9.10:443 sni=chat.relay.test'

export const quietPath: PathState = {
  status: 'connected',
  since: NOW - 60_000,
  route: { recipe: PLAIN, endpoint: 'chat-1', kind: 'plain', connectMs: 342, since: NOW - 60_000 },
  lastSwitch: null,
  returning: null,
  verdicts: (['bootstrap', 'chat', 'media', 'links', 'web'] as const).map((plane) => verdict({ plane })),
  attempts: [
    attempt(1, 'plain', PLAIN, 0, 'won', [
      ['lookup', 0, 21],
      ['reach', 21, 103],
      ['encrypt', 103, 266],
      ['recognise', 266, 342],
    ]),
  ],
  raceAt: NOW - 60_342,
  standby: null,
  remembered: [],
  nextTryAt: null,
  routes: [
    { recipe: PLAIN, endpoint: 'chat-1', kind: 'plain', source: 'lookup', last: { ok: true, ms: 342, at: NOW - 60_000 }, remembered: true },
    { recipe: SECOND, endpoint: 'chat-2', kind: 'address', source: 'bundle', last: null, remembered: false },
    { recipe: BRIDGE, endpoint: 'chat-2', kind: 'proxy', proxyId: 'hand-1', source: 'hand', last: null, remembered: false },
  ],
  network: { kind: 'simulated', up: true, known: true },
  clockSkewMs: 120,
}

/** Messages are fine; this network's lookup lies about the public links. */
export const francePath: PathState = {
  ...quietPath,
  verdicts: [
    verdict({ plane: 'bootstrap' }),
    verdict({ plane: 'chat' }),
    verdict({ plane: 'media' }),
    verdict({
      plane: 'links',
      kind: 'interference',
      mechanisms: ['dns_lie'],
      place: 'resolver',
      confidence: 0.92,
      actions: ['other-lookup'],
      exposure: ['resolver-saw-name', 'public-lookup-saw-name'],
      evidence: [
        evidence({
          rule: 'D5',
          layer: 'dns',
          code: 'dns-answer-unproven',
          control: 'other-address-proves-itself',
          facts: { name: 'links.relay.test', answer: '240.0.66.66', expected: '240.0.9.12' },
        }),
      ],
    }),
    verdict({ plane: 'web' }),
  ],
}

/** A whole cloud is silent; a bridge elsewhere carries. */
export const russiaPath: PathState = {
  ...quietPath,
  since: NOW - 12_000,
  route: { recipe: BRIDGE, endpoint: 'chat-2', kind: 'proxy', proxyId: 'bundle-1', connectMs: 1_480, since: NOW - 12_000 },
  lastSwitch: { at: NOW - 12_000, gapMs: 1_900, kind: 'proxy' },
  verdicts: [
    verdict({ plane: 'bootstrap' }),
    verdict({
      plane: 'chat',
      kind: 'interference',
      mechanisms: ['ip_drop', 'prefix_block'],
      place: 'way',
      confidence: 0.81,
      word: 'likely',
      actions: ['proxy'],
      exposure: ['proxy-sees-address', 'way-saw-name'],
      evidence: [
        evidence({
          rule: 'T6',
          code: 'tcp-range-silent',
          control: 'strangers-silent-too',
          facts: { address: '240.0.9.10', port: 443, provider: 'cloud-a', ms: 1_200, strangers: 2 },
        }),
        evidence({
          code: 'tcp-silent',
          control: 'ours-elsewhere',
          facts: { address: '240.0.9.11', port: 443, provider: 'cloud-a', ms: 1_201 },
        }),
      ],
    }),
    verdict({
      plane: 'media',
      kind: 'interference',
      mechanisms: ['rate_limit', 'selective_media'],
      place: 'way',
      word: 'suspected',
      confidence: 0.55,
    }),
    verdict({ plane: 'links', kind: 'inconclusive', word: 'none', confidence: 0 }),
    verdict({ plane: 'web' }),
  ],
  attempts: [
    attempt(
      1,
      'plain',
      PLAIN,
      0,
      'cancelled',
      [
        ['lookup', 0, 22],
        ['reach', 22, 1_480, 'cancelled', 'superseded'],
      ],
      'superseded',
    ),
    attempt(2, 'address', SECOND, 250, 'failed', [['reach', 0, 1_200, 'failed', 'timeout']], 'timeout'),
    attempt(
      3,
      'sibling',
      '240.0.12.4:443 sni=chat-b.relay.test',
      500,
      'failed',
      [
        ['reach', 0, 84],
        ['encrypt', 84, 171, 'failed', 'reset'],
      ],
      'reset',
    ),
    attempt(4, 'proxy', BRIDGE, 750, 'won', [
      ['reach', 0, 318],
      ['encrypt', 318, 566],
      ['recognise', 566, 730],
    ]),
  ],
  raceAt: NOW - 13_480,
  standby: null,
  remembered: [],
  routes: [
    {
      recipe: PLAIN,
      endpoint: 'chat-1',
      kind: 'plain',
      source: 'lookup',
      last: { ok: false, ms: null, reason: 'superseded', at: NOW - 12_000 },
      remembered: false,
    },
    {
      recipe: SECOND,
      endpoint: 'chat-2',
      kind: 'address',
      source: 'bundle',
      last: { ok: false, ms: null, reason: 'timeout', at: NOW - 12_000 },
      remembered: false,
    },
    {
      recipe: BRIDGE,
      endpoint: 'chat-2',
      kind: 'proxy',
      proxyId: 'bundle-1',
      source: 'bundle',
      last: { ok: true, ms: 730, at: NOW - 12_000 },
      remembered: true,
    },
    {
      recipe: 'http://240.0.41.8:3128 > 240.0.9.10:443',
      endpoint: 'chat-2',
      kind: 'proxy',
      proxyId: 'hand-1',
      source: 'hand',
      last: null,
      remembered: false,
    },
  ],
}

/** Nothing carries yet; detours are being tried. */
export const lookingPath: PathState = {
  ...russiaPath,
  status: 'looking',
  route: null,
  verdicts: russiaPath.verdicts.map((each) =>
    each.plane === 'chat' ? { ...each, mechanisms: ['ip_drop'], word: 'suspected', confidence: 0.5, actions: ['waiting'] } : each,
  ),
  attempts: russiaPath.attempts.map((each) =>
    each.kind === 'proxy'
      ? {
          ...each,
          outcome: 'running',
          phases: each.phases.slice(0, 1).map((phase) => ({ ...phase, endMs: null, outcome: 'running' as const })),
        }
      : each,
  ),
  lastSwitch: null,
}

export const neverTriedPath: PathState = {
  ...quietPath,
  status: 'looking',
  route: null,
  verdicts: [],
  attempts: [],
  raceAt: null,
  standby: null,
  remembered: [],
  routes: [],
}
