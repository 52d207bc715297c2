import { expect, it } from 'vitest'
import { type Finding, pathView, type RouteState } from '../../../electron/core/path-view.ts'
import type { EvidenceLine, RouteInUse } from '../../../shared/contract/path.ts'

const state = (kind: RouteInUse['kind'] | null): RouteState => ({
  status: kind ? 'connected' : 'looking',
  since: 0,
  route: kind && { recipe: 'a way', endpoint: 'chat', kind, connectMs: 1, since: 0 },
  lastSwitch: null,
  returning: null,
  attempts: [],
  raceAt: null,
  standby: null,
  remembered: [],
  nextTryAt: null,
  routes: [],
  network: { kind: 'simulated', up: true, known: false },
  clockSkewMs: null,
})
const line: EvidenceLine = {
  rule: 'dns',
  layer: 'dns',
  code: 'dns-answer-unproven',
  facts: {},
  control: 'other-lookup-differs',
  level: 'scored',
  at: 0,
}
const finding = (over: Partial<Finding>): Finding => ({
  plane: 'chat',
  kind: 'interference',
  mechanisms: ['ip_drop'],
  confidence: 1,
  word: 'likely',
  place: 'way',
  evidence: [],
  at: 0,
  since: 0,
  ...over,
})
const view = (route: RouteInUse['kind'] | null, over: Partial<Finding>) => {
  const { actions, exposure } = pathView(state(route), [finding(over)]).verdicts[0] ?? {}
  return [actions, exposure]
}

it('says what the app did about trouble with the relay: the way in use, or waiting', () => {
  expect(view('address', {})).toEqual([['other-address'], []])
  expect(view('sibling', {})).toEqual([['sibling'], []])
  expect(view('proxy', {})).toEqual([['proxy'], ['proxy-sees-address']])
  expect(view('plain', {})).toEqual([[], []])
  expect(view(null, {})).toEqual([['waiting'], []])
})

it('says for a lying lookup that another was asked, and who saw the name', () => {
  const lie = { plane: 'links', mechanisms: ['dns_lie'], evidence: [line] } as const
  expect(view('plain', { ...lie, mechanisms: [...lie.mechanisms], evidence: [...lie.evidence] })).toEqual([
    ['other-lookup'],
    ['resolver-saw-name', 'public-lookup-saw-name'],
  ])
})

it('says that the way out saw a name it reacted to, and nothing where all is well', () => {
  expect(view('plain', { plane: 'media', mechanisms: ['sni_reset'] })).toEqual([[], ['way-saw-name']])
  expect(view('proxy', { kind: 'ok', mechanisms: [] })).toEqual([[], []])
})
