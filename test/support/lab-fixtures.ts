/** The lab in the middle of two stories, over the world it ships with: what the Lab view is looked at and tested with. */
import world from '../../lab/world.json' with { type: 'json' }
import type { Holdings } from '../../shared/contract/chat.ts'
import type { Gate, LabState, MapNode, ScenarioCard } from '../../shared/contract/lab.ts'
import { NOW } from './path-fixtures.ts'

const hostKind = (host: (typeof world.hosts)[number]): MapNode['kind'] => {
  if (host.kind === 'resolver' || host.kind === 'doh') return 'resolver'
  if (host.kind === 'relay') return 'service'
  return host.kind === 'site' ? 'neighbour' : 'proxy'
}

const access = world.providers.filter((provider) => provider.kind === 'access')
const transit = world.providers.filter((provider) => provider.kind === 'transit')
const hosting = world.providers.filter((provider) => !['access', 'transit'].includes(provider.kind) && provider.id !== 'ministry')

export const nodes: MapNode[] = [
  ...world.places.map((place): MapNode => ({ id: `place:${place.id}`, title: place.title, column: 'places', kind: 'place', up: true })),
  ...access.map((provider): MapNode => ({ id: provider.id, title: provider.title, column: 'providers', kind: 'provider', up: true })),
  ...transit.map((provider): MapNode => ({ id: provider.id, title: provider.title, column: 'wayout', kind: 'exchange', up: true })),
  ...hosting.map((provider): MapNode => ({ id: provider.id, title: provider.title, column: 'clouds', kind: 'cloud', up: true })),
  ...world.hosts.map(
    (host): MapNode => ({
      id: host.id,
      title: host.title,
      column: access.some((provider) => provider.id === host.provider) ? 'providers' : 'clouds',
      kind: hostKind(host),
      parent: host.provider,
      up: true,
    }),
  ),
]

export const edges: LabState['edges'] = [
  ...world.places.map((place) => ({ from: `place:${place.id}`, to: place.provider })),
  ...access.map((provider) => ({ from: provider.id, to: provider.via ?? 'eu-ix' })),
  ...transit.flatMap((exchange) =>
    hosting.filter((each) => (each.via ?? exchange.id) === exchange.id).map((each) => ({ from: exchange.id, to: each.id })),
  ),
]

const france: ScenarioCard = {
  id: 'france-2023',
  title: 'France, May 2023',
  place: 'France',
  dates: '13 May 2023',
  demand: 'Take down some illegal content behind one short name.',
  answer: 'The name lookups of four access providers answer falsely for the whole name.',
  meant: 'Some illegal content.',
  hit: 'Every link under that name, for hours. Chats kept working.',
  whoPaid: 'Everybody who opened a link. Visitors were tagged with the page’s subject.',
  tryThis: 'Let Bob send me a link',
  claims: [
    { text: 'People saw the warning page.', mark: 'reported', source: 'Le Monde, 13 May 2023' },
    {
      text: 'Of 200 measuring points in France, 100 got the false address at 08:42 UTC.',
      mark: 'measured',
      source: 'RIPE Atlas, via bortzmeyer.org',
    },
    { text: 'The page answered plain http only, so most links just hung.', mark: 'measured', source: 'bortzmeyer.org' },
    { text: 'The blocking was a mistake in one request.', mark: 'disputed', source: 'Ministry statement, 15 May 2023' },
  ],
  sources: [
    { title: 'Le blocage de Telegram en France', publisher: 'bortzmeyer.org', date: '2023-05-13' },
    { title: 'Telegram links blocked for hours', publisher: 'Le Monde', date: '2023-05-13' },
  ],
  standIns: [
    { simulated: '240.149.167.99', documented: '149.154.167.99', what: 'the true address of the link site' },
    { simulated: '240.77.252.152', documented: '77.159.252.152', what: 'the address of the page' },
  ],
  vantage: 'fr-a',
  seconds: 45,
}

const russia: ScenarioCard = {
  id: 'russia-2018-day-one',
  title: 'Russia, April 2018',
  place: 'Russia',
  dates: '4 to 17 April 2018',
  demand: 'Hand over the keys to all messages by 4 April.',
  answer: 'Refused. The service moves into two clouds.',
  meant: 'One messenger with 15 million users.',
  hit: 'Over 1.8 million addresses of two clouds: shops, music, games, a rival messenger.',
  whoPaid: 'Fifteen million users, and everybody else who lived in those clouds.',
  tryThis: 'Keep writing while it happens',
  claims: [
    { text: 'Over 1.8 million addresses were blocked on the first day.', mark: 'reported', source: 'Meduza, 17 April 2018' },
    { text: 'Removal from the stores was feared, but not carried out.', mark: 'disputed', source: 'press, April 2018' },
  ],
  sources: [{ title: 'Counts of blocked addresses', publisher: 'Meduza', date: '2018-04-17' }],
  standIns: [{ simulated: '240.52.0.0/16', documented: '52.0.0.0/8 (part)', what: 'a range of the first cloud' }],
  vantage: 'ru-moscow-a',
  seconds: 60,
}

export const atRest: LabState = {
  scenarios: [france, russia],
  vantages: world.places.map(({ id, title, country, provider }) => ({ id, title, country, provider })),
  running: null,
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
  tracker: null,
  plain: null,
  truth: [],
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
  },
  clients: [
    { name: 'alice', vantage: 'fr-a', online: true },
    { name: 'bob', vantage: 'nl-a', online: true },
    { name: 'carol', vantage: 'de-a', online: false },
  ],
  nodes: [...nodes, { id: 'page', title: 'The page', column: 'wayout', kind: 'falsepage', up: true, counter: 214 }],
  edges: [...edges, { from: 'fr-ix', to: 'page' }],
  gates: ['fr-a', 'fr-b', 'fr-c', 'fr-d'].map((at) => gate(`lie-${at}`, at, 'lie', 'Answers falsely for the link site.')),
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

const fallen = new Set(['music', 'game', 'messenger', 'shop'])
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
  },
  clients: [
    { name: 'alice', vantage: 'ru-moscow-a', online: true },
    { name: 'bob', vantage: 'nl-a', online: true },
  ],
  nodes: nodes.map((node) => (fallen.has(node.id) ? { ...node, up: false } : node)),
  gates: [
    gate('drop-own', 'ru-a', 'drop', 'Drops two addresses of the service.'),
    gate('drop-cloud', 'ru-a', 'drop', 'Drops all of Cloud A.'),
    gate('mine', 'ru-b', 'reset', 'Cuts connections that name the relay.', 'you'),
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
      table: 'accounts',
      columns: [
        { name: 'handle', type: 'TEXT', meaning: 'The public name.' },
        { name: 'public_key', type: 'BLOB', meaning: 'The key that proves the account.' },
      ],
      count: 1,
      sample: [{ handle: 'alice', public_key: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE' }],
    },
    {
      table: 'messages',
      columns: [
        { name: 'from', type: 'TEXT', meaning: 'Who wrote.' },
        { name: 'to', type: 'TEXT', meaning: 'For whom.' },
        { name: 'at', type: 'INTEGER', meaning: 'When it was accepted.' },
        { name: 'body', type: 'TEXT', meaning: 'The text, which the relay can read.' },
      ],
      count: 6,
      sample: [
        { from: 'bob', to: 'alice', at: '2026-03-02T13:44:01Z', body: 'I will bring the stove' },
        { from: 'alice', to: 'bob', at: '2026-03-02T13:42:20Z', body: 'Are we still on for Saturday?' },
      ],
    },
    { table: 'files', columns: [{ name: 'bytes', type: 'BLOB', meaning: 'The file itself.' }], count: 0, sample: [] },
  ],
  seenNotStored: ['the address you connect from, while you are connected', 'when you are connected'],
}
