/** What a user decides about single routes: one first, some never, one tried by itself; and that it holds after a restart. */
import { describe, expect, it } from 'vitest'
import { candidates } from '../../../electron/core/reach/candidates.ts'
import { plan } from '../../../electron/core/reach/plan.ts'
import { createPreferences } from '../../../electron/core/reach/preferences.ts'
import { parseRecipe } from '../../../electron/core/reach/recipe.ts'
import { at, blocks, memoryWorld } from './memory-world.ts'
import { memoryValues } from './world.ts'

const socks = 'socks5 240.32.0.1:1080 | tcp 240.16.0.10:443 | tls sni=chat.test | ws'
const socksElsewhere = 'socks5 240.32.0.1:1080 | tcp 240.17.0.10:443 | tls sni=other.test | ws'
const socksForFiles = 'socks5 240.32.0.1:1080 | tcp 240.16.0.12:443 | tls sni=media.test | http'
const plain = 'tcp 240.16.0.10:443 | tls sni=chat.test | ws'
const inPieces = 'tcp 240.16.0.10:443 | tls sni=chat.test split=segment | ws'

const recipe = (text: string) => {
  const parsed = parseRecipe(text)
  if (!parsed) throw new Error(text)
  return parsed
}

describe('decisions', () => {
  it('ban a bridge for everything that leads through it, and any other way by itself', () => {
    const decided = createPreferences(memoryValues())
    decided.ban(socks)
    expect([socks, socksElsewhere, socksForFiles, plain].map((text) => decided.choiceOf(recipe(text)))).toEqual([
      'banned',
      'banned',
      'banned',
      null,
    ])
    decided.ban(plain)
    expect(decided.choiceOf(recipe(plain))).toBe('banned')
    expect(decided.choiceOf(recipe(inPieces))).toBe(null)
  })

  it('hold in another start, one pin at a time; a pin lifts a ban, a ban a pin, and clearing both', () => {
    const values = memoryValues()
    createPreferences(values).ban(socks)
    createPreferences(values).pin(socksElsewhere)
    expect(createPreferences(values).choiceOf(recipe(socks))).toBe(null)
    createPreferences(values).pin(plain)
    expect(createPreferences(values).pinned).toBe(plain)
    createPreferences(values).ban(plain)
    expect(createPreferences(values).pinned).toBe(null)
    createPreferences(values).clear(plain)
    expect(createPreferences(values).choiceOf(recipe(plain))).toBe(null)
  })

  it('are none where the store holds something else, and refuse what is no route', () => {
    const values = memoryValues()
    values.set('reach.preferences.v1', '{"pinned":7}')
    const decided = createPreferences(values)
    expect([decided.pinned, decided.banned]).toEqual([null, []])
    for (const change of [decided.pin, decided.ban, decided.clear]) expect(() => change('somewhere')).toThrow('no-such-route')
  })
})

describe('a plan with a pinned route', () => {
  const endpoint = { id: 'a', plane: 'chat' as const, host: 'chat.test', port: 443, addresses: ['240.16.0.10'], provider: 'a' }
  const choices = {
    endpoints: [endpoint],
    proxies: [{ id: 'p', kind: 'socks5' as const, address: '240.32.0.1', port: 1080 }],
    carrier: 'ws' as const,
    v6: false,
    learned: [],
    remembered: [],
    doubted: new Set<string>(),
    round: 0,
    pinned: socks,
  }
  const startOf = (changes: object, pace = { s: 200, isUrgent: false }) =>
    new Map(plan({ ...choices, ...changes }, pace).map(({ atMs, candidate }) => [candidate.text, atMs]))

  it('gives it a head start, shorter where it failed lately, and none where what is in use is silent', () => {
    expect([startOf({}).get(socks), startOf({}).get(plain)]).toEqual([0, 800])
    expect(startOf({ doubted: new Set([socks]) }).get(plain)).toBe(200)
    expect(startOf({}, { s: 200, isUrgent: true }).get(plain)).toBe(0)
    expect(startOf({ remembered: [socks] }).get(socks)).toBe(0)
  })

  it('still starts every way within two seconds on the slowest pace', () => {
    for (const atMs of startOf({}, { s: 250, isUrgent: false }).values()) expect(atMs).toBeLessThanOrEqual(2000)
  })

  it('leaves out what the user does not allow, also where it is remembered', () => {
    const allows = ({ proxy }: { proxy: unknown }) => proxy === null
    expect(candidates({ ...choices, remembered: [socks], allows }).some(({ text }) => text === socks)).toBe(false)
  })
})

describe('an engine', () => {
  const bridge = (state: { readonly routes: readonly { recipe: string }[] }) =>
    state.routes.find((route) => route.recipe.startsWith(`socks5 ${at.bridges[0]}`))?.recipe ?? ''
  const used = (reach: { state(): { route: { recipe: string } | null } }) => reach.state().route?.recipe

  it('moves to the route that is pinned without losing the connection, and takes it first after a restart though the plain path is free', async () => {
    const world = await memoryWorld()
    const { reach } = world.reach()
    await world.until(() => reach.link.online)
    const pinned = bridge(reach.state())
    reach.pinRoute(pinned)
    await world.until(() => {
      expect(reach.link.online).toBe(true)
      return used(reach) === pinned
    })
    expect(reach.state().routes.find((route) => route.choice === 'pinned')?.recipe).toBe(pinned)
    // What we leave of our own accord has not failed, and nothing broke.
    expect(reach.state().lastSwitch).toBe(null)
    expect(reach.state().routes.find(({ kind }) => kind === 'plain')?.last).toMatchObject({ ok: true })
    expect(reach.state().attempts.at(-1)?.why).toEqual({ cause: 'pinned' })
    reach.close()
    const { reach: again } = world.reach()
    await world.until(() => again.link.online)
    expect(used(again)).toBe(pinned)
    expect(again.state().attempts).toHaveLength(1)
    // What was chosen is no detour: nothing counts down to leave it.
    await world.lab.run(400_000)
    expect([used(again), again.state().returning]).toEqual([pinned, null])
  })

  it('leaves a route at once when it is banned, tries all others without it, and says so when nothing is left', async () => {
    const world = await memoryWorld([blocks.drop(at.plain, at.second, at.sibling)])
    const { reach } = world.reach()
    await world.until(() => reach.link.online)
    const routes = () => reach.state().routes
    const left = new Set<string>()
    for (let turn = 0; turn < 20 && reach.link.online; turn++) {
      const now = used(reach) ?? ''
      left.add(now)
      reach.banRoute(now)
      expect(reach.link.online).toBe(false)
      await world.until(() => reach.link.online || reach.state().nextTryAt !== null, 60_000)
    }
    expect(left.size).toBeGreaterThan(1)
    expect(reach.state()).toMatchObject({ status: 'looking', route: null })
    const banned = routes().filter(({ choice }) => choice === 'banned')
    expect(banned.map(({ recipe }) => recipe)).toEqual(expect.arrayContaining([...left]))
    expect(reach.state().attempts.every((attempt) => !left.has(attempt.recipe))).toBe(true)
    reach.clearRoute([...left][0] ?? '')
    await world.until(() => reach.link.online)
  })

  it('tries one route by itself beside the connection in use, and says at which step it failed', async () => {
    const world = await memoryWorld([blocks.names('reset', 'harbour.test')])
    const { reach } = world.reach()
    await world.until(() => reach.link.online)
    const before = used(reach)
    const sibling = reach.state().routes.find(({ kind }) => kind === 'sibling')?.recipe ?? ''
    const outcomes: unknown[] = []
    const tried = async (text: string) => void outcomes.push(await reach.tryRoute(text).catch((error: Error) => error.message))
    void tried(sibling)
    void tried(bridge(reach.state()))
    void tried('tcp 240.1.1.1:443 | tls sni=nobody.test | ws')
    await world.until(() => outcomes.length === 3)
    expect(outcomes).toContainEqual({ ok: false, ms: expect.any(Number), step: 'encrypt', reason: 'reset' })
    expect(outcomes).toContainEqual({ ok: true, ms: expect.any(Number), step: null, reason: null })
    expect(outcomes).toContain('no-such-route')
    expect([used(reach), reach.link.online]).toEqual([before, true])
    expect(reach.state().routes.find((route) => route.recipe === sibling)?.last).toMatchObject({ ok: false, reason: 'reset' })
    reach.banRoute(sibling)
    await expect(reach.tryRoute(sibling)).rejects.toMatchObject({ code: 'refused' })
  })
})
