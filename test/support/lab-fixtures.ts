/** The lab in the middle of two stories, over the world it ships with: what the Lab view is looked at and tested with. */
import * as v from 'valibot'
import france from '../../lab/scenarios/france-2023.json' with { type: 'json' }
import russia from '../../lab/scenarios/russia-2018-day-one.json' with { type: 'json' }
import world from '../../lab/world.json' with { type: 'json' }
import type { Holdings } from '../../shared/contract/chat.ts'
import { type Gate, type LabState, type MapNode, ScenarioCard } from '../../shared/contract/lab.ts'
import { NOW } from './path-fixtures.ts'

const hostKind = (host: (typeof world.hosts)[number]): MapNode['kind'] => {
  if (host.kind === 'resolver' || host.kind === 'doh') return 'resolver'
  if (host.kind === 'relay') return 'service'
  return host.kind === 'site' ? 'neighbour' : 'proxy'
}

const access = world.providers.filter((provider) => provider.kind === 'access')
const transit = world.providers.filter((provider) => provider.kind === 'transit')
const hosting = world.providers.filter((provider) => !['access', 'transit'].includes(provider.kind) && provider.id !== 'ministry')

/** Ids as the lab gives them: `place:`, `net:` and `host:` keep apart what shares a name in the world's file. */
export const nodes: MapNode[] = [
  ...world.places.map((place): MapNode => ({ id: `place:${place.id}`, title: place.title, column: 'places', kind: 'place', up: true })),
  ...access.map(
    (provider): MapNode => ({ id: `net:${provider.id}`, title: provider.title, column: 'providers', kind: 'provider', up: true }),
  ),
  ...transit.map(
    (provider): MapNode => ({ id: `net:${provider.id}`, title: provider.title, column: 'wayout', kind: 'exchange', up: true }),
  ),
  ...hosting.map((provider): MapNode => ({ id: `net:${provider.id}`, title: provider.title, column: 'clouds', kind: 'cloud', up: true })),
  ...world.hosts
    .filter((host) => host.kind !== 'false-page')
    .map(
      (host): MapNode => ({
        id: `host:${host.id}`,
        title: host.title,
        column: access.some((provider) => provider.id === host.provider) ? 'providers' : 'clouds',
        kind: hostKind(host),
        parent: `net:${host.provider}`,
        up: true,
      }),
    ),
]

export const edges: LabState['edges'] = [
  ...world.places.map((place) => ({ from: `place:${place.id}`, to: `net:${place.provider}` })),
  ...access.map((provider) => ({ from: `net:${provider.id}`, to: `net:${provider.via ?? 'eu-ix'}` })),
  ...transit.flatMap((exchange) =>
    hosting
      .filter((each) => (each.via ?? exchange.id) === exchange.id)
      .map((each) => ({ from: `net:${exchange.id}`, to: `net:${each.id}` })),
  ),
]

export const atRest: LabState = {
  scenarios: [v.parse(ScenarioCard, france.card), v.parse(ScenarioCard, russia.card)],
  vantages: world.places.map(({ id, title, country, provider }) => ({ id, title, country, provider })),
  running: null,
  free: null,
  adaptive: null,
  clients: [
    { name: 'alice', vantage: 'nl-a', online: true },
    { name: 'bob', vantage: 'nl-a', online: true },
  ],
  nodes,
  edges,
  gates: [],
  moves: [],
  collateral: nodes
    .filter((node) => node.kind === 'neighbour')
    .map((node) => ({ name: node.title, what: 'a service', cloud: node.parent ?? '', up: true })),
  addressesBlocked: 0,
  tracker: null,
  plain: null,
  truth: [],
  workbench: { standing: [], made: [], clouds: [], neighbours: [], own: [], removed: [], editing: null, setAside: [] },
  changedBy: null,
}

const gate = (id: string, at: string, act: Gate['act'], label: string, by: Gate['by'] = 'scenario'): Gate => ({ id, at, act, label, by })

export const inFrance: LabState = {
  ...atRest,
  running: {
    scenario: 'france-2023',
    client: 'alice',
    startedAt: NOW - 21_000,
    story: '2023-05-13T10:40:00Z',
    step: 2,
    steps: 4,
    finished: false,
    speed: 1,
    rate: 1,
    atMs: 21_000,
    lastsMs: 40_000,
    moveTimes: [0, 8000, 26_000, 34_000],
  },
  clients: [
    { name: 'alice', vantage: 'fr-a', online: true },
    { name: 'bob', vantage: 'nl-a', online: true },
    { name: 'carol', vantage: 'de-a', online: false },
  ],
  nodes: [
    ...nodes,
    { id: 'net:ministry', title: 'The page’s network', column: 'clouds', kind: 'cloud', up: true },
    { id: 'host:page', title: 'The warning page', column: 'clouds', kind: 'falsepage', parent: 'net:ministry', up: true, counter: 214 },
  ],
  edges: [...edges, { from: 'net:fr-ix', to: 'net:ministry' }],
  gates: ['fr-a', 'fr-b', 'fr-c', 'fr-d'].map((at) =>
    gate(`lie-${at}`, `net:${at}`, 'lie', 'Name lookup answers falsely for public links'),
  ),
  moves: [
    { atMs: 0, story: '2023-05-10', side: 'world', text: 'A bill on large-scale blocking is presented.' },
    {
      atMs: 6_000,
      story: '2023-05-13T08:40:00Z',
      side: 'censor',
      text: 'Four providers’ lookups answer falsely for the short name.',
      effect: 'The name leads to a page on plain http',
    },
    {
      atMs: 7_100,
      side: 'app',
      code: 'finding-changed',
      facts: { plane: 'links', kind: 'interference', mechanisms: 'dns_lie', word: 'suspected' },
      text: '',
      who: 'alice',
    },
    {
      atMs: 9_400,
      side: 'app',
      code: 'finding-changed',
      facts: { plane: 'links', kind: 'interference', mechanisms: 'dns_lie', word: 'confirmed' },
      text: '',
      who: 'alice',
    },
  ],
  tracker: { total: 214, byClient: { alice: 0 } },
  plain: { vantage: 'fr-a', state: 'connected', sinceMs: 19_000, attempts: 1 },
  truth: [
    {
      atMs: 6_000,
      did: 'answered 240.77.252.152 for tl.test at four lookups',
      said: { plane: 'links', kind: 'interference', mechanisms: ['dns_lie'], word: 'confirmed' },
    },
  ],
  changedBy: 'alice',
}

const fallen = new Set(['host:music', 'host:game', 'host:messenger', 'host:shop'])
export const inRussia: LabState = {
  ...atRest,
  running: {
    scenario: 'russia-2018-day-one',
    client: 'alice',
    startedAt: NOW - 35_000,
    story: '2018-04-16T12:00:00Z',
    step: 5,
    steps: 6,
    finished: false,
    speed: 1,
    rate: 1,
    atMs: 35_000,
    lastsMs: 60_000,
    moveTimes: [0, 5000, 12_000, 20_000, 30_000, 45_000],
  },
  clients: [
    { name: 'alice', vantage: 'ru-moscow-a', online: true },
    { name: 'bob', vantage: 'nl-a', online: true },
  ],
  nodes: nodes.map((node) => (fallen.has(node.id) ? { ...node, up: false } : node)),
  gates: [
    gate('drop-own', 'net:ru-a', 'drop', 'Drops the service’s own addresses'),
    gate('drop-cloud', 'net:ru-a', 'drop', 'Drops whole ranges of cloud A'),
    gate('mine', 'net:ru-b', 'reset', 'Cuts connections that name the relay', 'you'),
  ],
  moves: [
    { atMs: 0, story: '2018-04-04', side: 'world', text: 'The keys are demanded by today.' },
    { atMs: 400, story: '2018-04-04', side: 'service', text: 'Refuses.' },
    { atMs: 6_000, story: '2018-04-13', side: 'world', text: 'A court orders the block.' },
    { atMs: 11_000, story: '2018-04-14', side: 'service', text: 'Moves into two clouds.' },
    {
      atMs: 18_000,
      story: '2018-04-16T08:00:00Z',
      side: 'censor',
      text: 'Drops 2 addresses of the service.',
      effect: '2 addresses silent',
    },
    { atMs: 18_600, side: 'app', code: 'route-changed', facts: { kind: 'address', ms: 410 }, text: '', who: 'alice' },
    { atMs: 18_900, side: 'plain', code: 'plain-lost', facts: {}, text: '' },
    {
      atMs: 26_000,
      story: '2018-04-16T12:00:00Z',
      side: 'censor',
      text: 'Drops the whole of Cloud A.',
      effect: '4 strangers’ services fall silent',
    },
    { atMs: 26_900, side: 'app', code: 'route-changed', facts: { kind: 'proxy', ms: 730 }, text: '', who: 'alice' },
    {
      atMs: 28_000,
      side: 'app',
      code: 'finding-changed',
      facts: { plane: 'chat', kind: 'interference', mechanisms: 'ip_drop prefix_block', word: 'likely' },
      text: '',
      who: 'alice',
    },
  ],
  collateral: atRest.collateral.map((each) => ({
    ...each,
    up: !['Lark music', 'Tundra game', 'Parley messenger', 'Corner shop'].includes(each.name),
  })),
  plain: { vantage: 'ru-moscow-a', state: 'connecting', sinceMs: 12_400, attempts: 6 },
  truth: [
    {
      atMs: 18_000,
      did: 'dropped everything to 240.149.167.50 and 240.149.167.91',
      said: { plane: 'chat', kind: 'interference', mechanisms: ['ip_drop'], word: 'suspected' },
    },
    {
      atMs: 26_000,
      did: 'dropped everything to 240.52.0.0/16 and 240.54.0.0/16',
      said: { plane: 'chat', kind: 'interference', mechanisms: ['prefix_block'], word: 'likely' },
    },
  ],
  changedBy: 'bob',
}

export const holdings: Holdings = {
  computedAt: NOW,
  tables: [
    {
      table: 'account',
      class: 'metadata',
      columns: [
        { name: 'id', type: 'INTEGER', meaning: 'Number the relay gave this account' },
        { name: 'handle', type: 'TEXT', meaning: 'The public name', class: 'metadata' },
        { name: 'key', type: 'TEXT', meaning: 'The public key that owns the name; no phone number, no e-mail address' },
        { name: 'at', type: 'INTEGER', meaning: 'When the name was claimed' },
      ],
      count: 1,
      sample: [{ id: '1', handle: 'alice', key: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE', at: '2026-03-01T09:00:00.000Z' }],
    },
    {
      table: 'device',
      class: 'metadata',
      columns: [
        { name: 'id', type: 'INTEGER', meaning: 'Number the relay gave this device' },
        { name: 'account', type: 'INTEGER', meaning: 'Whose device it is' },
        { name: 'device', type: 'TEXT', meaning: 'Random name the device chose for itself; says nothing about the hardware' },
        { name: 'at', type: 'INTEGER', meaning: 'When it logged in for the first time' },
      ],
      count: 1,
      sample: [{ id: '1', account: '1 (alice)', device: 'n2Jw0hQq3mYt9c5VbXk7Zg', at: '2026-03-01T09:00:02.000Z' }],
    },
    {
      table: 'message',
      class: 'content',
      columns: [
        { name: 'seq', type: 'INTEGER', meaning: 'Position in the relay’s log, which is also the message’s number' },
        { name: 'sender', type: 'INTEGER', meaning: 'Who wrote it' },
        { name: 'recipient', type: 'INTEGER', meaning: 'Who it is for' },
        {
          name: 'body',
          type: 'TEXT',
          meaning: 'The message of a cloud chat, readable by the relay: its text, or the name, type and size of a file',
        },
        { name: 'at', type: 'INTEGER', meaning: 'When the relay took it' },
      ],
      count: 6,
      sample: [
        {
          seq: '6',
          sender: '2 (bob)',
          recipient: '1 (alice)',
          body: '{"kind":"text","text":"I will bring the stove"}',
          at: '2026-03-02T13:44:01.000Z',
        },
        {
          seq: '5',
          sender: '1 (alice)',
          recipient: '2 (bob)',
          body: '{"kind":"text","text":"Are we still on for Saturday?"}',
          at: '2026-03-02T13:42:20.000Z',
        },
      ],
    },
    {
      table: 'indexing',
      columns: [{ name: 'done_to', type: 'INTEGER', meaning: 'How far the relay has sorted its log; names nobody' }],
      count: 0,
      sample: [],
    },
    { table: 'page', columns: [{ name: 'text', type: 'TEXT', meaning: 'Its text, which is public' }], count: 0, sample: [] },
  ],
  seenNotStored: ['address-while-connected', 'when-online', 'typing', 'delivered-packets'],
  sides: {
    files: { open: 0, sealed: 1 },
    packets: { toMe: 1, fromMe: 1, bytes: 1200 },
    publicKeys: 75,
    people: [
      {
        handle: 'bob',
        cloud: {
          messages: 6,
          rows: [
            { at: NOW - 60_000, mine: false, isFile: false, text: 'I will bring the stove' },
            { at: NOW - 120_000, mine: true, isFile: true, text: 'route.gpx' },
          ],
        },
        secret: { packets: 2, bytes: 1200, rows: [{ at: NOW - 30_000, mine: true, bytes: 600, head: '01020a1b2c3d4e5f60718293a4b5c6d7' }] },
      },
      { handle: 'carol', cloud: { messages: 0, rows: [] }, secret: { packets: 0, bytes: 0, rows: [] } },
    ],
    morePeople: 0,
  },
  kept: { keptMs: 30 * 86_400_000, wipedWithinMs: 60_000, mailboxBytes: 64 * 1024 * 1024, mailboxPackets: 10_000 },
  columns: { searched: 70, likeAddress: [] },
}
