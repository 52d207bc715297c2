/** Times to connect in the simulated internet: real TLS and socket.io in memory, on a virtual clock. R to the relay is 80 ms. */

import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { createReach } from '../../../electron/core/reach/reach.ts'
import { Rule, type RuleInput } from '../../../lab/censor/rule.ts'
import { signBundle } from '../../../shared/protocol/bundle.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { signingKeyFromSeed } from '../../../shared/util/signing.ts'
import { memoryRig } from '../../integration/lab/memory-rig.ts'
import { miniRelay } from './mini-relay.ts'
import { identityOf, memoryValues } from './world.ts'

const R = 80
const relayKey = signingKeyFromSeed(new Uint8Array(32).fill(9))

const build = async (rules: readonly Omit<RuleInput, 'id' | 'label'>[]) => {
  const rig = await memoryRig()
  const { lab, clock } = rig
  const relay = miniRelay(lab.certificate, relayKey, () => clock.now())
  onTestFinished(() => relay.close())
  lab.setService(() => {
    const [outer, inner] = lab.pair()
    relay.accept(inner)
    return outer
  })
  for (const [i, rule] of rules.entries()) lab.engine.judge.add(v.parse(Rule, { id: `r${i}`, label: 'test', ...rule }), 'scenario')
  const key = toBase64Url(relayKey.publicKey)
  const dates = { notBefore: 0, expires: clock.now() + 86_400_000 }
  const bundle = signBundle({ format: 1, version: 1, ...dates, relayKey: key, signers: [key], ...lab.offer }, relayKey)
  const values = memoryValues()
  const network = await rig.network('alice', 'nl-a')
  const start = async () => {
    const seen: Observation[] = []
    const reach = createReach({
      network,
      clock,
      random: seededRandom(7),
      bundle,
      values,
      identity: identityOf('alice', 1),
      cursor: { cursor: () => 0 },
      log: { info: () => {}, warn: () => {} },
    })
    onTestFinished(() => reach.close())
    reach.onObservation((observation) => seen.push(observation))
    reach.start()
    for (let waited = 0; !reach.link.online && waited < 10_000; waited += 100) await lab.run(100)
    return { reach, seen, ms: reach.state().route?.connectMs ?? Number.POSITIVE_INFINITY, kind: reach.state().route?.kind }
  }
  return { lab, relay, start }
}

const chat = ['240.149.167.50', '240.149.167.91'] as const
const sni = [{ how: 'suffix' as const, text: 'throughline.test' }]
const direct = {
  match: { places: ['nl-a'], to: [...chat.map((address) => `${address}/32`), '240.185.4.10/32'] },
  act: { do: 'drop' as const },
}

describe('time to connect', () => {
  it.each<[string, Omit<RuleInput, 'id' | 'label'>[], string, number, number]>([
    ['nothing is blocked', [], 'plain', 4 * R * 1.1, 4 * R * 1.1],
    [
      'names are lied about',
      [{ match: { names: ['throughline.test'], providers: ['nl-a'] }, act: { do: 'lie', addresses: ['240.33.200.20'] } }],
      'plain',
      350,
      350,
    ],
    [
      'lookups are met with silence',
      [{ match: { names: ['throughline.test'], providers: ['nl-a'] }, act: { do: 'silence' } }],
      'plain',
      350,
      350,
    ],
    ['one address is dropped', [{ match: { to: [`${chat[0]}/32`] }, act: { do: 'drop' } }], 'address', 600, 350],
    ['the address refuses', [{ match: { to: [`${chat[0]}/32`] }, act: { do: 'reset' } }], 'address', 600, 350],
    ['the name is reset', [{ match: { sni }, act: { do: 'reset' } }], 'sibling', 550, 350],
    ['the name is dropped', [{ match: { sni }, act: { do: 'drop' } }], 'sibling', 800, 350],
    ['only bridges are left', [direct], 'proxy', 2_500, 500],
  ])('when %s', async (_what, rules, kind, first, again) => {
    const { lab, start } = await build(rules)
    const cold = await start()
    expect(cold).toMatchObject({ kind })
    expect(cold.ms).toBeLessThanOrEqual(first)
    // Long enough to be worth remembering.
    await lab.run(6_000)
    expect(cold.reach.state().network.known).toBe(true)
    cold.reach.close()
    await lab.run(1_000)
    const warm = await start()
    expect(warm.ms).toBeLessThanOrEqual(again)
  })

  it('is not bought with a second login: the relay sees one', async () => {
    const { relay, start, lab } = await build([])
    await start()
    await lab.run(5_000)
    expect(relay.logins).toHaveLength(1)
  })

  it('keeps what the resolver said as evidence, though nobody waited for it', async () => {
    const { start, lab } = await build([
      { match: { names: ['throughline.test'], providers: ['nl-a'] }, act: { do: 'lie', addresses: ['240.33.200.20'] } },
    ])
    const { seen } = await start()
    await lab.run(3_000)
    const names = seen.flatMap((one) =>
      one.t === 'dns' ? [[one.resolver, one.outcome.kind === 'answer' ? one.outcome.addresses : one.outcome.kind]] : [],
    )
    expect(names).toContainEqual(['system', ['240.33.200.20']])
    expect(names).toContainEqual(['doh', [...chat]])
  })
})

it('a box in the middle with a certificate the app accepts never gets a session, though the relay behind it answers', async () => {
  const { start, relay } = await build([
    { match: { to: chat.map((address) => `${address}/32`) }, act: { do: 'intercept', ca: 'trusted' } },
    { match: { places: ['nl-a'], to: ['240.185.4.10/32', '240.94.10.5/32', '240.95.20.8/32'] }, act: { do: 'drop' } },
  ])
  const { kind, seen } = await start()
  expect(kind).toBeUndefined()
  expect(relay.logins.length).toBeGreaterThan(0)
  const hellos = seen.flatMap((one) => (one.t === 'hello' ? [one.outcome] : []))
  expect(hellos.length).toBeGreaterThan(0)
  for (const outcome of hellos) expect(outcome).toEqual({ kind: 'unproven', reason: 'bad-signature' })
})
