/** Two places of the world for measuring: one whose server stands beside the client, and one a round trip away. And rules that cost but never fire. */
import type { Target } from '../../../lab/engine/engine.ts'

export const HOME = 'bench-home'
export const NEAR: Target = { address: '240.201.2.1', port: 443 }
export const FAR: Target = { address: '240.201.3.1', port: 443 }
export const FAR_RTT_MS = 20

const provider = (id: string, prefix: string, asn: number) => ({ id, title: id, kind: 'access', asn, country: 'NL', prefixes: [prefix] })
const nobody = [{ how: 'contains', text: 'nobody' }]
const move = (id: string, atMs: number, start: string[], end: string[]) => ({
  id,
  atMs,
  story: '2024-01-01',
  side: 'censor',
  text: id,
  start,
  end,
})

/** In this order; each move ends what the one before began. */
export const states = ['a story, no rules', 'one address rule', 'rules on names and payload'] as const

export const scenario = {
  format: 1,
  card: {
    id: 'bench',
    title: 'Bench',
    place: '',
    dates: '',
    demand: '',
    answer: '',
    meant: '',
    hit: '',
    whoPaid: '',
    tryThis: '',
    claims: [],
    sources: [],
    standIns: [],
    vantage: HOME,
    seconds: 3600,
  },
  places: [HOME],
  elsewhere: HOME,
  lastsMs: 3_600_000,
  world: {
    providers: [
      provider(HOME, '240.201.1.0/24', 65_600),
      provider('bench-near', '240.201.2.0/24', 65_601),
      provider('bench-far', '240.201.3.0/24', 65_602),
    ],
    places: [
      {
        id: HOME,
        title: HOME,
        country: 'NL',
        provider: HOME,
        clients: '240.201.1.0/24',
        gateway: '240.201.1.1',
        resolvers: ['240.201.1.53'],
      },
    ],
    links: [
      { from: HOME, to: 'bench-near', rttMs: 0 },
      { from: HOME, to: 'bench-far', rttMs: FAR_RTT_MS },
    ],
  },
  rules: [
    { id: 'address', label: '', match: { to: ['240.202.0.0/16', '240.203.0.0/16', '240.204.1.7/32'] }, act: { do: 'drop' } },
    { id: 'sni', label: '', match: { sni: nobody }, act: { do: 'reset' } },
    { id: 'host', label: '', match: { host: nobody }, act: { do: 'blockpage', status: 403 } },
    { id: 'payload', label: '', match: { payload: ['opaque', 'ssh'] }, act: { do: 'drop' }, share: 0.263 },
  ],
  moves: [
    move('begin', 0, [], []),
    move('addresses', 1_000_000, ['address'], []),
    move('names', 2_000_000, ['sni', 'host', 'payload'], ['address']),
  ],
  expected: [],
  checks: [],
}
