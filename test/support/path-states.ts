/** Believable states of the path, for tests of the screens and for looking at them. Facts as the engine would give them. */
import type { Attempt, Mechanism, PathState, Plane, Verdict, VerdictKind } from '../../shared/contract/path.ts'

/** The moment all these states are about. */
export const NOW = Date.UTC(2026, 10, 21, 10, 42, 0)

export function verdict(plane: Plane, kind: VerdictKind, mechanisms: Mechanism[] = [], more: Partial<Verdict> = {}): Verdict {
  return {
    plane,
    kind,
    mechanisms,
    confidence: kind === 'ok' ? 0 : 0.8,
    word: kind === 'ok' || kind === 'inconclusive' ? 'none' : 'likely',
    place: kind === 'ok' ? null : 'way',
    evidence: [],
    actions: [],
    exposure: [],
    at: NOW - 4_000,
    since: NOW - 60_000,
    ...more,
  }
}

const allWell = (['bootstrap', 'chat', 'media', 'links', 'web'] as const).map((plane) => verdict(plane, 'ok'))

/** Replaces the verdicts of these planes. */
export function withVerdicts(state: PathState, ...changed: Verdict[]): PathState {
  return { ...state, verdicts: state.verdicts.map((old) => changed.find((verdict) => verdict.plane === old.plane) ?? old) }
}

const wonPlain: Attempt = {
  id: 1,
  recipe: 'chat-1|240.1.0.10:443|tls:chat.throughline.test',
  endpoint: 'chat-1',
  kind: 'plain',
  startMs: 0,
  outcome: 'won',
  phases: [
    { phase: 'lookup', startMs: 0, endMs: 22, outcome: 'ok' },
    { phase: 'reach', startMs: 22, endMs: 104, outcome: 'ok' },
    { phase: 'encrypt', startMs: 104, endMs: 190, outcome: 'ok' },
    { phase: 'recognise', startMs: 190, endMs: 352, outcome: 'ok' },
  ],
}

export const fine: PathState = {
  status: 'connected',
  since: NOW - 600_000,
  route: {
    recipe: wonPlain.recipe,
    endpoint: 'chat-1',
    kind: 'plain',
    connectMs: 352,
    since: NOW - 600_000,
  },
  lastSwitch: null,
  returning: null,
  verdicts: allWell,
  attempts: [wonPlain],
  raceAt: NOW - 600_400,
  standby: null,
  remembered: [],
  nextTryAt: null,
  routes: [
    {
      recipe: wonPlain.recipe,
      endpoint: 'chat-1',
      kind: 'plain',
      source: 'bundle',
      last: { ok: true, ms: 352, at: NOW - 600_000 },
      remembered: true,
    },
    {
      recipe: 'chat-2|240.2.0.20:443|tls:chat2.throughline.test',
      endpoint: 'chat-2',
      kind: 'sibling',
      source: 'bundle',
      last: null,
      remembered: false,
    },
    {
      recipe: 'chat-1|socks5:240.3.0.5:1080|tls:chat.throughline.test',
      endpoint: 'chat-1',
      kind: 'proxy',
      proxyId: 'bridge-1',
      source: 'bundle',
      last: null,
      remembered: false,
    },
  ],
  network: { kind: 'simulated', up: true, known: true },
  clockSkewMs: 120,
}

export const starting: PathState = {
  ...fine,
  status: 'looking',
  since: NOW - 400,
  route: null,
  verdicts: [],
  attempts: [],
  raceAt: NOW - 400,
  standby: null,
  remembered: [],
  clockSkewMs: null,
}

const failedPlain: Attempt = {
  ...wonPlain,
  id: 2,
  outcome: 'failed',
  reason: 'timeout',
  phases: [
    { phase: 'lookup', startMs: 0, endMs: 24, outcome: 'ok' },
    { phase: 'reach', startMs: 24, endMs: 2_024, outcome: 'failed', reason: 'timeout' },
  ],
}

const wonProxy: Attempt = {
  id: 3,
  recipe: 'chat-1|socks5:240.3.0.5:1080|tls:chat.throughline.test',
  endpoint: 'chat-1',
  kind: 'proxy',
  startMs: 250,
  outcome: 'won',
  phases: [
    { phase: 'lookup', startMs: 250, endMs: 250, outcome: 'ok' },
    { phase: 'reach', startMs: 250, endMs: 420, outcome: 'ok' },
    { phase: 'encrypt', startMs: 420, endMs: 590, outcome: 'ok' },
    { phase: 'recognise', startMs: 590, endMs: 840, outcome: 'ok' },
  ],
}

/** Looking for longer than the first moment. */
export const searching: PathState = {
  ...starting,
  since: NOW - 3_000,
  raceAt: NOW - 3_000,
  standby: null,
  remembered: [],
  attempts: [{ ...failedPlain, outcome: 'running' }],
}

export const dropped = verdict('chat', 'interference', ['ip_drop'], {
  place: 'way',
  actions: ['proxy'],
  exposure: ['proxy-sees-address'],
  evidence: [
    {
      rule: 'tcp-silence',
      layer: 'tcp',
      code: 'tcp-silent',
      facts: { address: '240.1.0.10', tries: 3 },
      control: 'other-places-answer',
      level: 'scored',
      at: NOW - 5_000,
    },
  ],
})

/** Through a bridge, the reason found. */
export const detour: PathState = {
  ...withVerdicts(fine, dropped),
  since: NOW - 30_000,
  route: { recipe: wonProxy.recipe, endpoint: 'chat-1', kind: 'proxy', proxyId: 'bridge-1', connectMs: 840, since: NOW - 30_000 },
  attempts: [failedPlain, wonProxy],
  raceAt: NOW - 31_000,
  standby: null,
  remembered: [],
}

export const cutAndSwitched: PathState = {
  ...detour,
  route: detour.route && { ...detour.route, since: NOW - 4_000 },
  lastSwitch: { at: NOW - 4_000, gapMs: 900, kind: 'proxy' },
}

export const returning: PathState = { ...detour, returning: { readyAt: NOW + 180_000, holdMs: 300_000 } }

export const lookupLies: PathState = withVerdicts(
  fine,
  verdict('chat', 'interference', ['dns_lie'], { place: 'resolver', actions: ['other-lookup'], word: 'confirmed' }),
)

export const linksOnly: PathState = withVerdicts(
  fine,
  verdict('links', 'interference', ['dns_lie'], { place: 'resolver', actions: ['other-lookup'], exposure: ['resolver-saw-name'] }),
)

export const offline: PathState = {
  ...fine,
  status: 'offline',
  route: null,
  network: { ...fine.network, up: false },
  verdicts: allWell.map(({ plane }) => verdict(plane, 'offline', [], { place: 'device' })),
}

/** Not connected, for one reason on the chat plane. */
export function cannot(kind: VerdictKind, mechanisms: Mechanism[] = [], more: Partial<Verdict> = {}): PathState {
  return { ...withVerdicts({ ...searching, verdicts: allWell }, verdict('chat', kind, mechanisms, more)), since: NOW - 20_000 }
}
