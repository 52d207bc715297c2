/** Believable states of the lab, for tests of the screens and for looking at them. */
import type { LabState, ScenarioCard } from '../../shared/contract/lab.ts'
import { NOW } from './path-states.ts'

const france: ScenarioCard = {
  id: 'france-2023',
  title: 'France, May 2023',
  place: 'France',
  dates: '13 May 2023',
  demand: 'Block some illegal content behind one short name.',
  answer: 'Four access providers answered falsely for the whole short name.',
  meant: 'Some illegal content.',
  hit: 'Every link under that name, for hours.',
  whoPaid: 'Everybody who shared or opened a link. Visitors were tagged with the page’s subject.',
  tryThis: 'Let Bob send me a link',
  claims: [
    { text: 'People saw the warning page.', mark: 'reported', source: 'press, 13 May 2023' },
    { text: 'The page answered plain http only, so most links hung.', mark: 'measured', source: 'DNS measurements, May 2023' },
  ],
  sources: [{ title: 'Measurements of the answers', publisher: 'A measurement project', date: '2023-05-14' }],
  standIns: [{ simulated: '240.9.0.1', documented: '192.0.2.1', what: 'the address of the false page' }],
  vantage: 'paris-a',
  seconds: 40,
}

const russia: ScenarioCard = {
  id: 'russia-2018-day-one',
  title: 'Russia, April 2018',
  place: 'Russia',
  dates: '4 to 17 April 2018',
  demand: 'Hand over the keys by 4 April.',
  answer: 'Refused. The service moved into two clouds.',
  meant: 'One messenger.',
  hit: 'Over 1.8 million addresses: shops, music, games, a rival messenger.',
  whoPaid: '15 million users, and everybody else in those clouds.',
  tryThis: 'Keep writing while it happens',
  claims: [{ text: 'Removal from stores was feared.', mark: 'disputed', source: 'press, April 2018' }],
  sources: [{ title: 'Counts of blocked addresses', publisher: 'A registry watcher', date: '2018-04-17' }],
  standIns: [],
  vantage: 'moscow-a',
  seconds: 60,
}

export const labAtRest: LabState = {
  scenarios: [france, russia],
  vantages: [
    { id: 'berlin-a', title: 'Berlin, provider A', country: 'Germany', provider: 'berlin-a' },
    { id: 'paris-a', title: 'Paris, provider A', country: 'France', provider: 'paris-a' },
    { id: 'moscow-a', title: 'Moscow, provider A', country: 'Russia', provider: 'moscow-a' },
  ],
  running: null,
  free: null,
  adaptive: null,
  clients: [
    { name: 'alice', vantage: 'berlin-a', online: true },
    { name: 'bob', vantage: 'berlin-a', online: true },
  ],
  nodes: [
    { id: 'alice', title: 'Alice', column: 'places', kind: 'person', up: true },
    { id: 'bob', title: 'Bob', column: 'places', kind: 'person', up: true },
    { id: 'berlin-a', title: 'Berlin, provider A', column: 'providers', kind: 'provider', up: true },
    { id: 'moscow-a', title: 'Moscow, provider A', column: 'providers', kind: 'provider', up: true },
    { id: 'moscow-dns', title: 'Name lookup', column: 'providers', kind: 'resolver', parent: 'moscow-a', up: true },
    { id: 'exchange', title: 'Exchange', column: 'wayout', kind: 'exchange', up: true },
    { id: 'cloud-1', title: 'Cloud one', column: 'clouds', kind: 'cloud', up: true },
    { id: 'relay', title: 'Relay', column: 'clouds', kind: 'service', parent: 'cloud-1', up: true },
    { id: 'shop', title: 'A shop', column: 'clouds', kind: 'neighbour', parent: 'cloud-1', up: true },
    { id: 'bridge-1', title: 'Bridge', column: 'clouds', kind: 'proxy', up: true },
  ],
  edges: [
    { from: 'alice', to: 'berlin-a' },
    { from: 'bob', to: 'berlin-a' },
    { from: 'berlin-a', to: 'exchange' },
    { from: 'moscow-a', to: 'exchange' },
    { from: 'exchange', to: 'cloud-1' },
    { from: 'exchange', to: 'bridge-1' },
  ],
  gates: [],
  moves: [],
  collateral: [],
  addressesBlocked: 0,
  tracker: null,
  plain: null,
  truth: [],
  workbench: { standing: [], made: [], clouds: [], neighbours: [], own: [], removed: [], editing: null, setAside: [] },
  changedBy: null,
}

/** Alice in Moscow on the day the clouds were blocked. */
export const labInMoscow: LabState = {
  ...labAtRest,
  running: {
    scenario: 'russia-2018-day-one',
    client: 'alice',
    startedAt: NOW - 25_000,
    story: '2018-04-16T12:00:00Z',
    step: 4,
    steps: 6,
    finished: false,
    speed: 1,
    rate: 1,
    atMs: 25_000,
    lastsMs: 60_000,
    moveTimes: [0, 5000, 12_000, 20_000, 30_000, 45_000],
  },
  clients: [
    { name: 'alice', vantage: 'moscow-a', online: true },
    { name: 'bob', vantage: 'berlin-a', online: true },
  ],
  edges: labAtRest.edges.map((edge) => (edge.from === 'alice' ? { from: 'alice', to: 'moscow-a' } : edge)),
  nodes: labAtRest.nodes.map((node) => (node.id === 'shop' ? { ...node, up: false } : node)),
  gates: [{ id: 'g1', at: 'moscow-a', act: 'drop', label: 'drops the whole cloud', by: 'scenario' }],
  moves: [
    { atMs: 0, story: '2018-04-04', side: 'world', text: 'The keys are demanded by today. Refused.' },
    { atMs: 5_000, story: '2018-04-14', side: 'service', text: 'Moves into two clouds.' },
    { atMs: 12_000, story: '2018-04-16', side: 'censor', text: 'Drops 2 addresses.', effect: '2 addresses silent' },
    { atMs: 12_400, side: 'app', text: '', code: 'route', facts: { kind: 'sibling', ms: 400 }, who: 'alice' },
    { atMs: 20_000, story: '2018-04-16T12:00:00Z', side: 'censor', text: 'Drops the whole cloud.', effect: '6 services down' },
    { atMs: 20_700, side: 'app', text: '', code: 'route', facts: { kind: 'proxy', ms: 700 }, who: 'alice' },
  ],
  collateral: [{ name: 'A shop', what: 'online shop', cloud: 'cloud-1', up: false }],
  plain: { vantage: 'moscow-a', state: 'connecting', sinceMs: 13_000, attempts: 5 },
  truth: [
    {
      atMs: 20_000,
      did: 'dropped 240.1.0.0/16',
      said: { plane: 'chat', kind: 'interference', mechanisms: ['prefix_block'], word: 'likely' },
    },
  ],
  changedBy: 'alice',
}
