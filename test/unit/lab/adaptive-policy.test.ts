/** The adaptive censor's policy on scripted traffic: what it learns, in what order it climbs, and that it never goes beyond its budget or its knowledge. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hits } from '../../../lab/censor/adaptive/ladder.ts'
import { createPolicy, type Decision, type Policy } from '../../../lab/censor/adaptive/policy.ts'
import type { Sight } from '../../../lab/censor/adaptive/sight.ts'

const CHAT = '240.1.0.1'
const USER = '240.7.1.100'
const STRANGER = '240.7.1.20'
const MOVE_MS = 4000
const TICK_MS = 250

const rangeOf = (address: string) => `${address.split('.').slice(0, 2).join('.')}.0.0/16`

/** A world in which time passes: who talks goes on talking unless an order hits them. */
function stage(budget: number) {
  const policy = createPolicy({ seeds: ['relay.test'], budget, moveEveryMs: MOVE_MS, rangeOf, own: ['240.9.9.9'] })
  const made: { at: number; decision: Decision }[] = []
  const talks = new Map<number, { subscriber: string; to: string; name: string | null }>()
  let at = 0
  let flows = 0
  const cut = ({ to, name }: { to: string; name: string | null }) =>
    policy.orders().some((order) => hits(order, { to, name, look: name === null ? 'opaque' : 'tls' }))
  const see = (sight: Sight) => policy.see(at, sight)
  const open = (subscriber: string, to: string, name: string | null) => {
    const flow = ++flows
    see({ t: 'try', flow, subscriber, to, port: 443, open: false })
    const isReached = !cut({ to, name: null })
    if (isReached) {
      see({ t: 'opened', flow })
      see({ t: 'look', flow, look: name === null ? 'opaque' : 'tls', name })
    }
    return { flow, isReached: isReached && !cut({ to, name }) }
  }
  return {
    policy,
    made,
    now: () => at,
    see,
    learn: () => see({ t: 'answer', subscriber: STRANGER, name: 'chat.relay.test', addresses: [CHAT] }),
    /** One visit, as strangers pay. */
    visit(subscriber: string, to: string, name: string | null) {
      const { flow } = open(subscriber, to, name)
      see({ t: 'ended', flow })
    },
    talk(subscriber: string, to: string, name: string | null) {
      const { flow, isReached } = open(subscriber, to, name)
      if (isReached) talks.set(flow, { subscriber, to, name })
      return { stop: () => talks.delete(flow), isAlive: () => talks.has(flow) && !cut({ to, name }) }
    },
    run(ms: number) {
      for (const end = at + ms; at < end; at += TICK_MS) {
        for (const [flow, talk] of talks) {
          if (cut(talk)) continue
          see({ t: 'passed', flow, direction: 'up', bytes: 100 })
          see({ t: 'passed', flow, direction: 'down', bytes: 100 })
        }
        const decision = policy.decide(at)
        if (decision) made.push({ at, decision })
      }
    },
  }
}

const rungsOf = (made: readonly { decision: Decision }[]) =>
  made.map(({ decision }) => (decision.do === 'impose' ? decision.rung : decision.do))
const blocked = (policy: Policy) =>
  policy.orders().flatMap(({ rung, target }) => (rung === 'addresses' || rung === 'prefix' ? [target] : []))

it('waits while it knows nothing, and begins with a lie in lookup once somebody uses what the public name leads to', () => {
  const { policy, made, learn, talk, run } = stage(5)
  talk(STRANGER, '240.3.0.1', 'mail.test')
  run(20_000)
  expect(made).toEqual([])
  expect(policy.state(20_000)).toMatchObject({ suspects: [], next: null, outcome: null })
  learn()
  talk(USER, CHAT, 'chat.relay.test')
  run(MOVE_MS)
  expect(rungsOf(made)).toEqual(['lookup'])
  run(MOVE_MS)
  expect(rungsOf(made)).toEqual(['lookup', 'addresses'])
  expect(blocked(policy)).toEqual([CHAT])
})

it('takes a new long connection right after the block for another entrance, and one of somebody who was not cut for nothing', () => {
  const { policy, learn, talk, run, now } = stage(5)
  learn()
  talk(USER, CHAT, 'chat.relay.test')
  run(2 * MOVE_MS + TICK_MS)
  expect(blocked(policy)).toEqual([CHAT])
  talk(USER, '240.2.0.7', null)
  talk(STRANGER, '240.3.0.9', null)
  run(MOVE_MS)
  const { suspects } = policy.state(now())
  expect(suspects.find(({ address }) => address === '240.2.0.7')).toMatchObject({ reasons: [{ code: 'reconnect', what: USER }] })
  expect(suspects.map(({ address }) => address)).not.toContain('240.3.0.9')
  expect(blocked(policy)).toEqual([CHAT, '240.2.0.7'])
})

it('does not suspect where strangers go, too, however long its user stays there', () => {
  const { policy, learn, talk, visit, run, now } = stage(5)
  learn()
  visit(STRANGER, '240.3.0.1', 'mail.test')
  talk(USER, CHAT, 'chat.relay.test')
  run(2 * MOVE_MS + TICK_MS)
  talk(USER, '240.3.0.1', 'mail.test')
  run(3 * MOVE_MS)
  expect(policy.state(now()).suspects.map(({ address }) => address)).toEqual([CHAT])
})

/** Moves on to the next way as soon as the last is cut. */
function chase(budget: number, neighbours: number, ways: readonly { to: string; name: string | null }[], rounds = 30) {
  const world = stage(budget)
  const { learn, talk, visit, run } = world
  learn()
  const left = [...ways]
  let now = talk(USER, CHAT, 'chat.relay.test')
  for (let i = 0; i < rounds; i++) {
    for (let n = 0; n < neighbours; n++) visit(STRANGER, `240.5.0.${n + 1}`, `shop${n}.test`)
    for (let n = 0; n < neighbours; n++) visit(STRANGER, `240.6.0.${n + 1}`, null)
    if (!now.isAlive()) {
      const way = left.shift()
      if (way) now = talk(USER, way.to, way.name)
    }
    run(1000)
  }
  return { ...world, connected: now.isAlive() }
}
const inCloud = (count: number) => Array.from({ length: count }, (_, i) => ({ to: `240.5.9.${i + 1}`, name: null }))

it('goes for the range after two rounds of single addresses when it can afford it', () => {
  const { made, policy, connected } = chase(3, 3, inCloud(6))
  expect(rungsOf(made)).toEqual(['lookup', 'addresses', 'addresses', 'prefix'])
  expect(policy.state(0).spent.toSorted()).toEqual(['shop0.test', 'shop1.test', 'shop2.test'])
  expect(connected).toBe(false)
})

it('cannot afford the range: it tries single addresses a while, comes to rest, and says that a detour is open', () => {
  const { made, policy, connected, now } = chase(2, 3, inCloud(12), 60)
  expect(rungsOf(made)).toEqual(['lookup', 'addresses', 'addresses', 'addresses', 'addresses'])
  expect(connected).toBe(true)
  expect(policy.state(now())).toMatchObject({ next: null, outcome: 'open', beyond: { rung: 'prefix', cost: 3 } })
  // It comes to rest instead of chasing for ever.
  expect(now() - (made.at(-1)?.at ?? 0)).toBeGreaterThan(4 * MOVE_MS)
})

it('cuts by the names it can read, once it has seen that single addresses come back', () => {
  const ways = Array.from({ length: 3 }, (_, i) => ({ to: `240.5.9.${i + 1}`, name: 'front.test' }))
  const { made, connected } = chase(0, 1, ways)
  expect(rungsOf(made)).toEqual(['lookup', 'addresses', 'addresses', 'name'])
  expect(connected).toBe(false)
})

it('lifts a range when more breaks than the budget allows, and does not put it back at once', () => {
  const { made, policy, visit, run } = chase(3, 3, inCloud(6))
  expect(rungsOf(made).at(-1)).toBe('prefix')
  visit(STRANGER, '240.5.0.77', 'never-seen.test')
  run(TICK_MS)
  expect(made.at(-1)?.decision).toMatchObject({ do: 'lift', rung: 'prefix', because: { code: 'cost', what: '4' } })
  expect(policy.state(0).spent).toEqual([])
  run(4 * MOVE_MS)
  const rungs = rungsOf(made)
  expect(rungs.slice(rungs.indexOf('lift'))).not.toContain('prefix')
})

it('lifts what only costs once nobody of the service comes by any more', () => {
  const { made, run } = chase(3, 3, inCloud(6))
  run(10 * MOVE_MS + 2 * TICK_MS)
  const lift = made.find(({ decision }) => decision.do === 'lift')?.decision
  expect(lift).toMatchObject({ do: 'lift', rung: 'prefix', because: { code: 'idle' } })
})

it('has somebody look at what it is not sure of, and believes what answers as a proxy', () => {
  const { policy, made, learn, talk, run, see, now } = stage(0)
  learn()
  talk(USER, '240.2.0.7', 'some.test')
  const plain = talk(USER, CHAT, 'chat.relay.test')
  run(2 * MOVE_MS + TICK_MS)
  expect(plain.isAlive()).toBe(false)
  run(MOVE_MS / 4)
  const doubt = policy.state(now()).suspects.find(({ address }) => address === '240.2.0.7')
  expect(doubt?.reasons.map(({ code }) => code)).toEqual(['lasting'])
  see({ t: 'probed', to: '240.2.0.7', port: 443, proxy: true })
  run(2 * MOVE_MS)
  expect(made.map(({ decision }) => decision)).toContainEqual(
    expect.objectContaining({ do: 'impose', orders: [{ rung: 'addresses', target: '240.2.0.7' }] }),
  )
})

it('learns nothing from its own lies', () => {
  const { policy, see } = stage(0)
  see({ t: 'answer', subscriber: USER, name: 'chat.relay.test', addresses: ['240.9.9.9'] })
  expect(policy.state(0).suspects).toEqual([])
})

const step = fc.oneof(
  fc.record({ t: fc.constant('talk' as const), who: fc.constantFrom(USER, STRANGER, '240.7.1.101'), to: fc.nat(30), named: fc.boolean() }),
  fc.record({ t: fc.constant('visit' as const), who: fc.constantFrom(USER, STRANGER), to: fc.nat(30), named: fc.boolean() }),
  fc.record({ t: fc.constant('run' as const), ms: fc.integer({ min: 250, max: 9000 }) }),
)

it('stays within the budget at every move, and blocks no address that nobody was seen to go to', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), fc.array(step, { minLength: 5, maxLength: 60 }), (budget, steps) => {
      const world = stage(budget)
      world.learn()
      world.talk(USER, CHAT, 'chat.relay.test')
      const seen = new Set([CHAT])
      for (const each of steps) {
        if (each.t === 'run') world.run(each.ms)
        else {
          const to = `240.${1 + (each.to % 3)}.0.${1 + each.to}`
          seen.add(to)
          world[each.t](each.who, to, each.named ? `s${each.to}.test` : null)
        }
      }
      let paid = 0
      for (const { decision } of world.made) {
        if (decision.do === 'impose') paid = decision.cost.length
        expect(paid).toBeLessThanOrEqual(budget)
      }
      for (const { rung, target } of world.policy.orders()) {
        if (rung === 'addresses') expect(seen).toContain(target)
        if (rung === 'prefix') expect([...seen].map(rangeOf)).toContain(target)
      }
      // What broke unexpectedly is lifted at the next look.
      for (let i = 0; i < 12; i++) world.run(TICK_MS)
      expect(world.policy.state(world.now()).spent.length).toBeLessThanOrEqual(budget)
    }),
    { numRuns: 150 },
  )
})
