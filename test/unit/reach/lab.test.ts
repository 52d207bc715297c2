/** Times to connect in the simulated internet, for the first time on a network and again. R to the relay is 80 ms. */
import { describe, expect, it } from 'vitest'
import { at, type Block, blocks, memoryWorld, R } from './memory-world.ts'

/** The second relay's round trip is a little shorter. */
const SIBLING_R = 70

const everyName = (does: 'reset' | 'drop') => blocks.names(does, 'throughline.test', 'harbour.test')
const oneRecord = (does: 'reset' | 'drop'): Block => ({ ...everyName(does), box: { segments: true, records: false } })
const oneSegment = (does: 'reset' | 'drop'): Block => ({ ...everyName(does), box: { segments: false, records: true } })
const noBridges = blocks.drop(...at.bridges)

const build = async (rules: readonly Block[]) => {
  const world = await memoryWorld(rules)
  const start = async () => {
    const { reach, seen } = world.reach()
    await world.until(() => reach.link.online)
    return { reach, seen, ms: reach.state().route?.connectMs, kind: reach.state().route?.kind }
  }
  return { ...world, start }
}

describe('time to connect', () => {
  // To the millisecond: on a virtual clock there is no excuse.
  it.each<[string, readonly Block[], string, number, number]>([
    ['nothing is blocked', [], 'plain', 4 * R, 4 * R],
    ['names are lied about', [blocks.lie], 'plain', 4 * R, 4 * R],
    ['lookups are met with silence', [{ ...blocks.lie, act: { do: 'silence' } }], 'plain', 4 * R, 4 * R],
    ['one address is dropped', [blocks.drop(at.plain)], 'sibling', 200 + 4 * SIBLING_R, 4 * SIBLING_R],
    ['own addresses are dropped', [blocks.drop(at.plain, at.second)], 'sibling', 200 + 4 * SIBLING_R, 4 * SIBLING_R],
    ['only the other address is left', [blocks.drop(at.plain, at.sibling)], 'address', 240 + 4 * R, 4 * R],
    ['the address refuses', [{ ...blocks.drop(at.plain), act: { do: 'reset' } }], 'sibling', 20 + 4 * SIBLING_R, 4 * SIBLING_R],
    ['the name is reset', [blocks.names('reset', 'throughline.test')], 'sibling', R + 20 + 4 * SIBLING_R, 4 * SIBLING_R],
    ['the name is dropped', [blocks.names('drop', 'throughline.test')], 'sibling', R + 250 + 4 * SIBLING_R, 4 * SIBLING_R],
    ['all names are reset', [blocks.names('reset', 'throughline.test', 'harbour.test')], 'proxy', R + 20 + 380, 380],
    [
      'all names are reset by a box that reads one record, and there are no bridges',
      [oneRecord('reset'), noBridges],
      'disguise',
      R + 20 + 4 * R,
      4 * R,
    ],
    ['names in any pieces are reset, and there are no bridges', [everyName('reset'), noBridges], 'disguise', 2 * (R + 20) + 4 * R, 4 * R],
    [
      'all names are dropped by a box that reads one segment, and there are no bridges',
      [oneSegment('drop'), noBridges],
      'disguise',
      R + 250 + 4 * R,
      4 * R,
    ],
    ['only bridges are left', [blocks.drop(at.plain, at.second, at.sibling)], 'proxy', 600 + 380, 380],
  ])('when %s', async (_what, rules, kind, first, again) => {
    const { lab, start } = await build(rules)
    const cold = await start()
    expect(cold).toMatchObject({ kind })
    expect(cold.ms).toBe(first)
    // Long enough to be worth remembering.
    await lab.run(6_000)
    expect(cold.reach.state().network.known).toBe(true)
    cold.reach.close()
    await lab.run(1_000)
    const warm = await start()
    expect(warm.ms).toBe(again)
  })

  it('is not bought with a second login: the relay sees one', async () => {
    const { relay, start, lab } = await build([])
    await start()
    await lab.run(5_000)
    expect(relay.logins).toHaveLength(1)
  })

  it('keeps what the resolver said as evidence, though nobody waited for it', async () => {
    const { start, lab } = await build([blocks.lie])
    const { seen } = await start()
    await lab.run(3_000)
    const names = seen.flatMap((one) =>
      one.t === 'dns' ? [[one.resolver, one.outcome.kind === 'answer' ? one.outcome.addresses : one.outcome.kind]] : [],
    )
    expect(names).toContainEqual(['system', ['240.33.200.20']])
    expect(names).toContainEqual(['doh', [at.plain, at.second]])
  })
})

it('a box in the middle with a certificate the app accepts never gets a session, though the relay behind it answers', async () => {
  const {
    lab,
    relay,
    reach: reachNow,
  } = await memoryWorld([
    { ...blocks.drop(at.plain, at.second), act: { do: 'intercept', ca: 'trusted' } },
    blocks.drop(at.sibling, ...at.bridges),
  ])
  const { reach, seen } = reachNow()
  await lab.run(10_000)
  expect(reach.state().route).toBeNull()
  expect(relay.logins.length).toBeGreaterThan(0)
  const hellos = seen.flatMap((one) => (one.t === 'hello' ? [one.outcome] : []))
  expect(hellos.length).toBeGreaterThan(0)
  for (const outcome of hellos) expect(outcome).toEqual({ kind: 'unproven', reason: 'bad-signature' })
})
