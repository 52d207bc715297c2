/** What a list of prefixes costs: addresses counted once, from one place, by rules that look at nothing but addresses. */
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Rule } from '../../../lab/censor/rule.ts'
import { addressesBlocked } from '../../../lab/censor/toll.ts'
import { sizeOf, spansOf, union } from '../../../lab/engine/spans.ts'
import { createTopology } from '../../../lab/engine/topology.ts'
import russia from '../../../lab/scenarios/russia-2018-day-one.json' with { type: 'json' }
import { builtInWorld } from '../../../lab/world.ts'

const topology = createTopology(builtInWorld())
let made = 0
const rule = (over: object) => v.parse(Rule, { id: `r${made++}`, label: '', match: {}, act: { do: 'drop' }, ...over })
const lost = (place: string, ...rules: readonly object[]) => addressesBlocked(rules.map(rule), topology, place)

test('prefixes that overlap, touch or repeat count once', () => {
  expect(sizeOf(spansOf(['240.1.0.0/16', '240.1.128.0/17', '240.1.0.0/16']))).toBe(65_536)
  expect(sizeOf(spansOf(['240.1.0.0/17', '240.1.128.0/17']))).toBe(65_536)
  expect(lost('ru-moscow-a', { match: { to: ['241.0.0.0/8'] } }, { match: { to: ['241.7.0.0/16', '240.9.0.1/32'] } })).toBe(16_777_217)
})

test('any list of prefixes holds as many addresses as one would find by trying each', () => {
  const small = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
    .map(([last, bits]) => `240.0.0.${last}/${bits}`)
  fc.assert(
    fc.property(fc.array(small), fc.array(small), (one, two) => {
      const both = union(spansOf(one), spansOf(two))
      const tried = Array.from({ length: 256 }, (_, last) => last).filter((last) =>
        [...one, ...two].some((text) => {
          const [address = '', bits = ''] = text.split('/')
          const size = 2 ** (32 - Number(bits))
          return Math.floor(last / size) === Math.floor(Number(address.split('.')[3]) / size)
        }),
      )
      expect(sizeOf(both)).toBe(tried.length)
    }),
  )
})

test('a rule counts where it stands, for who it is about, and if an address alone decides', () => {
  const one = { match: { providers: ['ru-a'], to: ['240.52.0.0/16'] } }
  expect(lost('ru-moscow-a', one)).toBe(65_536)
  expect(lost('ru-spb-b', one)).toBe(0)
  expect(lost('ru-moscow-a', { match: { places: ['nl-a'], to: ['240.52.0.0/16'] } })).toBe(0)
  for (const over of [{ share: 0.5 }, { act: { do: 'throttle', kbps: 140 } }]) expect(lost('ru-moscow-a', { ...one, ...over })).toBe(0)
  for (const more of [{ ports: [443] }, { sni: [{ how: 'exact', text: 'x.test' }] }]) {
    expect(lost('ru-moscow-a', { match: { ...one.match, ...more } })).toBe(0)
  }
})

test('whole providers, a shutdown and an allow-list are counted, too', () => {
  expect(lost('ru-moscow-a', { match: { toProviders: ['throughline'] } })).toBe(9216)
  expect(lost('ru-moscow-a', { match: { toProviders: ['throughline'], to: ['240.149.167.0/24', '240.52.0.0/16'] } })).toBe(256)
  expect(lost('ru-moscow-a', {})).toBe(2 ** 28)
  expect(lost('ru-moscow-a', { act: { do: 'allowlist', prefixes: ['240.7.0.0/16', '240.7.1.0/24'] } })).toBe(2 ** 28 - 65_536)
})

test('Russia’s first day costs what was counted: some 9 thousand own addresses, 0.8 million of one cloud, 1 million of another', () => {
  expect(russia.rules.map((each) => lost('ru-moscow-a', each))).toEqual([9216, 786_432, 1_048_576])
  expect(lost('ru-moscow-a', ...russia.rules)).toBe(1_844_224)
})
