/** Rules of the workbench: every mechanism with every setting makes a rule of the lab, and whatever does not fit is told at its field. */
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Rule } from '../../../lab/censor/rule.ts'
import { createTopology } from '../../../lab/engine/topology.ts'
import { makeRule } from '../../../lab/player/workbench-rule.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { Gate } from '../../../shared/contract/lab.ts'
import { type HandRule, readValues, valueFault } from '../../../shared/contract/workbench.ts'
import {
  type CensorMechanism,
  censorMechanismIds,
  initialValues,
  mechanismOf,
  type SettingName,
  type SettingValue,
  settings,
  settingsOf,
} from '../../../shared/contract/workbench-mechanisms.ts'

const world = builtInWorld()
const board = { topology: createTopology(world), offer: world.offer }
const aimOf = (kind: string) => (kind === 'cloud' ? 'cloud:cloud-a' : kind === 'neighbour' ? 'neighbour:music' : kind)
const made = (hand: HandRule) => makeRule('you-1', hand, board)
const faultsOf = (hand: HandRule) => {
  const found = made(hand)
  return found.ok ? [] : found.faults.map(({ field, code }) => `${field}: ${code}`)
}

/** Any value that the form lets through. */
function allowed(name: SettingName): fc.Arbitrary<SettingValue> {
  const setting = settings[name]
  switch (setting.kind) {
    case 'number':
      return setting.whole
        ? fc.integer({ min: setting.min, max: setting.max })
        : fc.double({ min: setting.min, max: setting.max, noNaN: true, noDefaultInfinity: true })
    case 'choice':
      return fc.constantFrom(...setting.options)
    case 'flag':
      return fc.boolean()
    case 'set':
      return fc.subarray([...setting.options], { minLength: 1 })
    case 'text': {
      const part = {
        name: fc.constantFrom('t.co', 'throughline.test', 'lark'),
        ports: fc.integer({ min: 1, max: 65_535 }).map(String),
        prefixes: fc.constantFrom('240.222.0.0/22', '240.7.0.0/16', '2001:db8::/32', '251.1.2.3/32'),
      }[setting.of]
      return fc.array(part, { maxLength: setting.most }).map((list) => list.join(', '))
    }
  }
}

const anyHand: fc.Arbitrary<HandRule> = fc.constantFrom(...censorMechanismIds).chain((mechanism) =>
  fc.record({
    mechanism: fc.constant(mechanism),
    where: fc.constantFrom('place:fr-a', 'place:ru-moscow-a', 'country:FR', 'country:RU'),
    aim: fc.constantFrom(...mechanismOf(mechanism).aims.map(aimOf)),
    values: fc
      .subarray([...settingsOf(mechanism)])
      .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, allowed(name)])))),
  }),
)

test('every mechanism makes a rule at once, with nothing said but where', () => {
  const acts = new Set<string>()
  for (const mechanism of censorMechanismIds) {
    const [aim = ''] = mechanismOf(mechanism).aims
    const found = made({ mechanism, where: 'place:fr-a', aim: aimOf(aim), values: {} })
    expect(found, mechanism).toMatchObject({ ok: true })
    if (found.ok) acts.add(found.rule.act.do)
  }
  expect([...acts].sort()).toEqual([...Gate.entries.act.options].sort())
})

test('whatever the form lets through makes a rule of the lab, or is refused at a field of that rule', () => {
  fc.assert(
    fc.property(anyHand, (hand) => {
      const found = made(hand)
      if (found.ok) {
        // A file holds the rule as JSON, and reads it back as the same.
        expect(v.parse(Rule, JSON.parse(JSON.stringify(found.rule)))).toEqual(found.rule)
        expect(found.rule.label.length).toBeGreaterThan(5)
      } else {
        for (const { field } of found.faults) expect(['aim', 'where', ...settingsOf(hand.mechanism)]).toContain(field)
      }
    }),
    { numRuns: 500 },
  )
})

test('each setting changes the rule it belongs to', () => {
  const unmoved: string[] = []
  for (const mechanism of censorMechanismIds) {
    const aim = aimOf(mechanismOf(mechanism).aims[0] ?? '')
    // Some settings only count beside another.
    const beside: Partial<Record<SettingName, SettingValue>> = { residual: 90, forged: 'pool', rateBy: 'address' }
    const base = Object.fromEntries(Object.entries(beside).filter(([name]) => settingsOf(mechanism).some((each) => each === name)))
    const texts = (values: HandRule['values']) =>
      JSON.stringify(made({ mechanism, where: 'place:fr-a', aim, values: { ...base, ...values } }))
    for (const name of settingsOf(mechanism)) {
      const others = fc.sample(allowed(name), { numRuns: 30, seed: 7 })
      const before = texts(name === 'residual' ? { residual: 0 } : {})
      if (others.every((value) => texts({ [name]: value }) === before)) unmoved.push(`${mechanism} ${name}`)
    }
  }
  expect(unmoved).toEqual([])
})

test('what does not fit is told at its field', () => {
  const at = { where: 'place:fr-a', aim: 'messages' } as const
  expect(faultsOf({ ...at, mechanism: 'rate_limit', values: { rate: 0 } })).toEqual(['rate: range'])
  expect(faultsOf({ ...at, mechanism: 'rate_limit', values: { rate: '140' } })).toEqual(['rate: number'])
  expect(faultsOf({ ...at, mechanism: 'rate_limit', values: { rate: 1.5 } })).toEqual(['rate: whole'])
  expect(faultsOf({ ...at, mechanism: 'rate_limit', values: { magic: 1 } })).toEqual(['magic: unknown'])
  expect(faultsOf({ ...at, mechanism: 'ip_drop', values: { ports: '443, 70000' } })).toEqual(['ports: ports'])
  expect(faultsOf({ ...at, mechanism: 'ip_drop', values: { ports: '1 2 3 4 5 6 7 8 9' } })).toEqual(['ports: tooMany'])
  expect(faultsOf({ ...at, mechanism: 'byte_freeze', values: { freezeFrom: 20_000, freezeTo: 10_000 } })).toEqual(['freezeTo: order'])
  expect(faultsOf({ ...at, mechanism: 'dns_injection', values: { forged: 'pool', pool: '8.8.8.0/24' } })).toEqual(['pool: prefixes'])
  expect(faultsOf({ ...at, mechanism: 'dns_injection', values: { forged: 'pool', pool: '240.999.0.0/16' } })).toEqual(['pool: prefixes'])
  expect(faultsOf({ ...at, mechanism: 'sni_reset', values: { how: 'roughly' } })).toEqual(['how: choice'])
  expect(faultsOf({ ...at, mechanism: 'protocol_block', aim: 'everything', values: { protocols: [] } })).toEqual(['protocols: some'])
  expect(faultsOf({ ...at, mechanism: 'sni_reset', aim: 'abroad', values: {} })).toEqual(['aim: choice'])
  expect(faultsOf({ mechanism: 'ip_drop', where: 'place:atlantis', aim: 'messages', values: {} })).toEqual(['where: choice'])
  expect(faultsOf({ mechanism: 'ip_drop', where: 'place:fr-a', aim: 'cloud:atlantis', values: {} })).toEqual(['aim: choice'])
})

test('a country’s rule stands at all its providers, a place’s at one', () => {
  const providers = (where: string) => {
    const found = made({ mechanism: 'ip_drop', where, aim: 'messages', values: {} })
    return found.ok ? found.rule.match.providers : null
  }
  expect(providers('place:fr-c')).toEqual(['fr-c'])
  expect(providers('country:FR')).toEqual(['fr-a', 'fr-b', 'fr-c', 'fr-d', 'fr-e'])
})

test('the form says the same as the lab of any value at all', () => {
  const names = Object.keys(settings) as SettingName[]
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.array(fc.string())),
      (name, value) => {
        const owner = censorMechanismIds.find((mechanism) => settingsOf(mechanism).includes(name)) as CensorMechanism
        const { faults } = readValues({ mechanism: owner, aim: mechanismOf(owner).aims[0] ?? '', values: { [name]: value } })
        expect(faults.some((fault) => fault.field === name && fault.code !== 'order')).toBe(valueFault(name, value) !== null)
      },
    ),
  )
  for (const mechanism of censorMechanismIds)
    for (const [name, value] of Object.entries(initialValues(mechanism))) expect(valueFault(name as SettingName, value), name).toBeNull()
})
