/** What a person did in the workbench, kept as a scenario and played: its censor is seen at work, nothing else is, and without its rules the truth does not hold. */
import { expect, test } from 'vitest'
import { readOwn } from '../../../lab/player/library.ts'
import type { Scenario } from '../../../lab/player/scenario.ts'
import { deedsOf } from '../../../lab/player/workbench-edit.ts'
import { makeRule, placesOf } from '../../../lab/player/workbench-rule.ts'
import { scenarioOf } from '../../../lab/player/workbench-scenario.ts'
import type { HandRule, ScenarioWish } from '../../../shared/contract/workbench.ts'
import { type CensorMechanism, censorMechanismIds, mechanismOf } from '../../../shared/contract/workbench-mechanisms.ts'
import { type MemoryRig, memoryRig } from './memory-rig.ts'

const wish: ScenarioWish = {
  title: 'Mine',
  demand: '',
  hit: '',
  tryThis: '',
  vantage: 'ru-moscow-a',
  elsewhere: 'nl-a',
  times: null,
  expected: [{ plane: 'chat', finding: 'interference' }],
  replace: null,
}
const where = 'place:ru-moscow-a'

async function rig(): Promise<MemoryRig> {
  const made = await memoryRig()
  made.lab.setService(() => {
    const [outer, inner] = made.lab.pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  })
  await made.network('alice', null)
  return made
}

const aimOf = (kind: string | undefined) => (kind === 'cloud' ? 'cloud:cloud-a' : kind === 'neighbour' ? 'neighbour:music' : (kind ?? ''))
const begun = (mechanism: CensorMechanism): HandRule => ({ mechanism, where, aim: aimOf(mechanismOf(mechanism).aims[0]), values: {} })

function impose({ lab, player }: MemoryRig, hand: HandRule, id = player.hand.nextId(hand.mechanism)): string {
  const { topology } = lab.engine
  const found = makeRule(id, hand, { topology, offer: player.offer })
  if (!found.ok) throw new Error(JSON.stringify(found.faults))
  player.hand.impose(found.rule, hand, placesOf(hand.where, { topology })[0]?.id ?? '')
  return id
}

function kept({ lab, player }: MemoryRig, over: Partial<ScenarioWish> = {}): Scenario {
  const content = scenarioOf('mine', { ...wish, ...over }, player.hand.deeds, lab.engine.topology)
  const found = readOwn(JSON.stringify(content, null, 2), [])
  if (!found.ok) throw new Error(found.faults.map(({ line, text, path }) => `${line} ${path} ${text}`).join('\n'))
  return found.scenario
}

/** What of the truth failed. */
async function play(scenario: Scenario, removeRules = false): Promise<string[]> {
  const made = await rig()
  const { lab, player } = made
  await lab.add(scenario.card.id, scenario.world)
  player.know([scenario])
  player.tamper({ removeRules, swap: null })
  player.play(scenario.card.id, 'alice')
  await lab.run(scenario.lastsMs + 500)
  return player
    .truth()
    .filter((check) => !check.ok)
    .map((check) => `${check.id}: expected ${check.expected} saw ${check.seen}`)
}

test('each mechanism is seen at work while it is on, and nothing is while none is', { timeout: 120_000 }, async () => {
  const made = await rig()
  const { lab, player } = made
  for (const mechanism of censorMechanismIds) {
    const id = impose(made, begun(mechanism))
    await lab.run(4200)
    player.hand.lift(id)
    await lab.run(200)
  }
  const scenario = kept(made, { times: player.hand.deeds.map(({ atMs }) => atMs) })
  const checks = scenario.checks.map(({ id }) => id)
  expect(checks.filter((id) => id.endsWith('-done')).map((id) => id.replace(/-\d+-done$/, '').replaceAll('-', '_'))).toEqual(
    censorMechanismIds,
  )
  expect(checks.filter((id) => id.startsWith('nothing-after-m'))).toHaveLength(censorMechanismIds.length)
  expect(await play(scenario)).toEqual([])
})

test('all at once, one in another’s way, at two places: the truth holds, and not without the rules; and the workbench takes it up again', {
  timeout: 60_000,
}, async () => {
  const made = await rig()
  const { lab } = made
  const slow: HandRule = { mechanism: 'rate_limit', where: 'country:RU', aim: 'media', values: { rate: 200, rateBy: 'name' } }
  impose(made, begun('ip_drop'))
  const cut = impose(made, { ...begun('sni_reset'), values: { how: 'contains', name: 't.co' } })
  impose(made, slow)
  impose(made, { ...begun('dns_lie'), values: { answer: 'nowhere' } })
  await lab.run(2000)
  impose(made, { ...begun('sni_reset'), values: { residual: 90 } }, cut)
  const scenario = kept(made)
  expect(scenario.moves.map(({ id }) => id)).toEqual(['begin', 'm1', 'lift'])
  expect(scenario.rules).toHaveLength(4)
  expect(await play(scenario)).toEqual([])
  expect(await play(scenario, true)).not.toEqual([])

  const again = deedsOf(scenario, { topology: lab.engine.topology, offer: lab.offer })
  expect(again?.map(({ hand }) => hand)).toEqual(
    [begun('ip_drop'), begun('sni_reset'), slow, begun('dns_lie')].map((hand) =>
      expect.objectContaining({ mechanism: hand.mechanism, aim: hand.aim }),
    ),
  )
  const [rule] = scenario.rules
  const changed = { ...scenario, rules: [{ ...rule, share: 0.5 }, ...scenario.rules.slice(1)] } as Scenario
  expect(deedsOf(changed, { topology: lab.engine.topology, offer: lab.offer })).toBeNull()
})

test('what was done keeps its times, another rule in place of one is a change, and a move can be left out', async () => {
  const made = await rig()
  const { lab, player } = made
  const id = impose(made, begun('rate_limit'))
  await lab.run(4000)
  impose(made, { ...begun('rate_limit'), values: { rate: 64 } }, id)
  await lab.run(3000)
  impose(made, begun('dns_silence'))
  await lab.run(1000)
  player.hand.lift(id)
  const { deeds } = player.hand
  expect(deeds.map(({ does }) => does)).toEqual(['on', 'change', 'on', 'off'])
  const times = deeds.map(({ atMs }) => atMs)
  const scenario = kept(made, { times })
  expect(scenario.moves.map(({ atMs, start, end }) => [atMs, start, end])).toEqual([
    [0, [], []],
    [3000, ['rate-limit-1'], []],
    [7000, ['rate-limit-2'], ['rate-limit-1']],
    [10_000, ['dns-silence-3'], []],
    [11_000, [], ['rate-limit-2']],
    [22_000, [], ['dns-silence-3']],
  ])
  expect(scenario.expected).toMatchObject([{ vantage: 'ru-moscow-a', plane: 'chat', kind: 'interference' }])
  expect(deedsOf(scenario, { topology: lab.engine.topology, offer: lab.offer })?.map(({ atMs, does }) => [atMs, does])).toEqual([
    [0, 'on'],
    [4000, 'change'],
    [7000, 'on'],
    [8000, 'off'],
  ])
  const without = kept(made, { times: [0, 4000, -1, 8000] })
  expect(without.rules.map(({ id: rule }) => rule)).toEqual(['rate-limit-1', 'rate-limit-2'])
})

test('one rule is lifted alone, all together, and what is done after that begins anew', async () => {
  const made = await rig()
  const { lab, player } = made
  const id = impose(made, begun('ip_drop'))
  impose(made, begun('sni_reset'))
  player.hand.lift(id)
  expect(player.state().gates.map(({ act, by }) => [act, by])).toEqual([['reset', 'you']])
  expect(() => player.hand.lift(id)).toThrow('no such rule stands')
  player.undo()
  expect(player.state().gates).toEqual([])
  expect(player.hand.deeds).toHaveLength(4)
  await lab.run(1000)
  impose(made, begun('dns_silence'))
  expect(player.hand.deeds.map(({ atMs, does }) => [atMs, does])).toEqual([[0, 'on']])
  player.censor('ip_drop', 'fr-a')
  expect(player.hand.standing.map(({ rule }) => rule.mechanism)).toEqual(['dns_silence', 'ip_drop'])
})
