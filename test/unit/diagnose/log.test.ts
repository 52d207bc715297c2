/** The log of troubles: what makes a line, when it begins and ends, and what is too short to be one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance, BRIEF_MS, dueAt, emptyLog, type FindingLog, lookAway, type Said, UNSURE_MS } from '../../../electron/core/diagnose/log.ts'
import { createFindingLogs } from '../../../electron/core/finding-log.ts'
import type { NetworkFacts } from '../../../electron/core/net/network.ts'
import type { ValueStore } from '../../../electron/core/store/values.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const fine: Said = { plane: 'links', kind: 'ok', mechanisms: [], word: 'confirmed', place: null }
const unknown: Said = { ...fine, kind: 'inconclusive', word: 'none' }
const lie: Said = { plane: 'links', kind: 'interference', mechanisms: ['dns_lie'], word: 'suspected', place: 'resolver' }
const drop: Said = { ...lie, mechanisms: ['ip_drop'], place: 'way' }
const sure = (said: Said): Said => ({ ...said, word: 'confirmed' })

/** What is said from which second on, until `end`; asked again when it would be due, as the store part does. */
function told(list: readonly (readonly [second: number, said: Said])[], end: number): FindingLog {
  let log = emptyLog
  for (let second = 0; second <= end; second++) {
    const [, said] = list.findLast(([from]) => from <= second) ?? []
    const due = dueAt(log)
    if (said && (list.some(([from]) => from === second) || (due !== null && due <= second * 1000)))
      log = advance(log, [said], second * 1000)
  }
  return log
}

describe('the log of a network', () => {
  test('holds a trouble with its beginning, its end and the surest word', () => {
    const { lines } = told(
      [
        [0, fine],
        [10, lie],
        [14, sure(lie)],
        [100, fine],
      ],
      110,
    )
    expect(lines).toEqual([{ ...sure(lie), from: 10_000, until: 100_000, end: 'over' }])
  })

  test('leaves out what lasted less than five seconds and was contradicted, both ways', () => {
    expect(
      told(
        [
          [0, fine],
          [10, lie],
          [14, fine],
        ],
        60,
      ).lines,
    ).toEqual([])
    expect(
      told(
        [
          [0, lie],
          [20, fine],
          [24, lie],
        ],
        60,
      ).lines,
    ).toMatchObject([{ from: 0, end: 'open' }])
  })

  test('takes not knowing for no news', () => {
    expect(
      told(
        [
          [0, lie],
          [10, unknown],
          [150, lie],
          [310, fine],
        ],
        400,
      ).lines,
    ).toMatchObject([{ from: 0, until: 310_000, end: 'over' }])
    expect(told([[0, unknown]], 600).lines).toEqual([])
  })

  test('says "last seen" of a trouble after which nothing could be told for three minutes, and goes on with it if it is found again', () => {
    const unclear = [
      [0, lie],
      [60, unknown],
    ] as const
    expect(told(unclear, 239).lines).toMatchObject([{ end: 'open' }])
    expect(told(unclear, 240).lines).toEqual([{ ...lie, from: 0, until: 60_000, end: 'unclear' }])
    expect(told([...unclear, [3000, fine]], 4000).lines).toMatchObject([{ until: 60_000, end: 'unclear' }])
    expect(told([...unclear, [900, lie]], 1000).lines).toMatchObject([{ from: 0, end: 'open' }])
    expect(told([...unclear, [3000, lie]], 4000).lines).toMatchObject([
      { from: 3_000_000, end: 'open' },
      { from: 0, until: 60_000, end: 'unclear' },
    ])
  })

  test('counts not knowing anew each time it begins', () => {
    const log = told(
      [
        [0, lie],
        [60, unknown],
        [120, lie],
        [130, unknown],
      ],
      300,
    )
    expect(log.lines).toMatchObject([{ end: 'open' }])
  })

  test('keeps the surest word, begins anew after an end, and names another trouble after a good moment from where it began', () => {
    expect(
      told(
        [
          [0, sure(lie)],
          [14, lie],
          [30, fine],
        ],
        40,
      ).lines,
    ).toMatchObject([{ word: 'confirmed', until: 30_000, end: 'over' }])
    expect(
      told(
        [
          [0, lie],
          [60, fine],
          [120, lie],
        ],
        200,
      ).lines,
    ).toMatchObject([
      { from: 120_000, end: 'open' },
      { from: 0, until: 60_000, end: 'over' },
    ])
    expect(
      told(
        [
          [0, lie],
          [60, fine],
          [63, drop],
        ],
        200,
      ).lines,
    ).toMatchObject([
      { mechanisms: ['ip_drop'], from: 63_000 },
      { mechanisms: ['dns_lie'], until: 63_000 },
    ])
  })

  test('forgets a verdict of a moment after which nothing could be told for three minutes', () => {
    expect(
      told(
        [
          [0, lie],
          [2, unknown],
          [600, lie],
        ],
        700,
      ).lines,
    ).toMatchObject([{ from: 600_000, end: 'open' }])
  })

  test('names anew what is understood better in its first half minute, and begins a line for what comes later', () => {
    expect(
      told(
        [
          [0, lie],
          [8, drop],
        ],
        60,
      ).lines,
    ).toMatchObject([{ mechanisms: ['ip_drop'], from: 0, end: 'open' }])
    expect(
      told(
        [
          [0, lie],
          [60, drop],
        ],
        90,
      ).lines,
    ).toMatchObject([
      { mechanisms: ['ip_drop'], from: 60_000, end: 'open' },
      { mechanisms: ['dns_lie'], from: 0, until: 60_000, end: 'over' },
    ])
  })

  test('goes on with a line if the same is found within half an hour of looking away, and says "last seen" otherwise', () => {
    const away = lookAway(told([[0, lie]], 60))
    expect(away.lines).toMatchObject([{ end: 'unseen' }])
    const again = (atMs: number) => advance(advance(away, [lie], atMs), [lie], atMs + BRIEF_MS).lines
    expect(again(20 * 60_000)).toMatchObject([{ from: 0, end: 'open' }])
    expect(again(40 * 60_000)).toMatchObject([
      { from: 40 * 60_000, end: 'open' },
      { from: 0, end: 'unseen' },
    ])
  })

  test('has for each plane at most one open line, and no line that ends before it begins, whatever is said', () => {
    const saying = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.constantFrom(fine, unknown, lie, sure(lie), drop))
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 40 }), (list) => {
        let now = 0
        let log = emptyLog
        for (const [seconds, said] of list) {
          log = advance(log, [said], now)
          now += seconds * 1000
          if ((dueAt(log) ?? Number.POSITIVE_INFINITY) <= now) log = advance(log, [said], now)
        }
        expect(log.lines.filter(({ end }) => end === 'open').length).toBeLessThanOrEqual(1)
        for (const { from, until, kind } of log.lines) {
          expect(until).toBeGreaterThanOrEqual(from)
          expect(until).toBeLessThanOrEqual(now)
          expect(['ok', 'inconclusive']).not.toContain(kind)
        }
      }),
    )
  })
})

const facts = (id: string, up = true): NetworkFacts => ({
  kind: 'real',
  id,
  up,
  gateway: '192.168.1.1',
  resolvers: [],
  v6: false,
  changedAt: 0,
})

function kept() {
  const map = new Map<string, string>()
  const values: ValueStore = {
    get: (key) => map.get(key) ?? null,
    set: (key, value) => void (value === null ? map.delete(key) : map.set(key, value)),
  }
  const clock = new VirtualClock(1_700_000_000_000)
  const open = () => createFindingLogs(values, clock, seededRandom(map.size + 1))
  const run = (ms: number) => clock.run(ms, async () => {})
  return { clock, open, run, text: () => [...map.values()].join() }
}

describe('the logs in the store', () => {
  test('outlive a restart, tell networks apart, and hold nothing of a network in clear', async () => {
    const { open, run, text } = kept()
    const first = open()
    first.onNetwork(facts('home-router-aa:bb'))
    first.note([lie])
    await run(6000)
    expect(first.history().lines).toMatchObject([{ end: 'open' }])
    first.close()
    expect(text()).not.toMatch(/home-router|aa:bb|192\.168/)
    const second = open()
    second.onNetwork(facts('cafe'))
    expect(second.history().lines).toEqual([])
    second.onNetwork(facts('home-router-aa:bb'))
    expect(second.history().lines).toMatchObject([{ plane: 'links', mechanisms: ['dns_lie'], end: 'unseen' }])
  })

  test('keep the network in use while it is down, and note nothing twice for its coming back', async () => {
    const { open, run } = kept()
    const logs = open()
    logs.onNetwork(facts('home'))
    logs.note([lie])
    await run(6000)
    logs.onNetwork(facts('', false))
    logs.onNetwork(facts('home'))
    expect(logs.history().lines).toMatchObject([{ end: 'open' }])
    expect(logs.history().lines).toHaveLength(1)
  })

  test('end what nobody can tell any more without hearing anything new, also while a verdict of another plane is in doubt', async () => {
    const { open, run } = kept()
    const logs = open()
    logs.onNetwork(facts('home'))
    const chat: Said = { ...drop, plane: 'chat' }
    logs.note([lie, { ...chat, kind: 'ok', mechanisms: [] }])
    await run(60_000)
    logs.note([lie, chat])
    await run(1000)
    logs.note([unknown, { ...unknown, plane: 'chat' }])
    let told = 0
    logs.onHistory(() => told++)
    await run(UNSURE_MS - 1)
    expect(logs.history().lines).toMatchObject([{ plane: 'links', end: 'open' }])
    await run(1)
    expect(logs.history().lines).toMatchObject([{ plane: 'links', end: 'unclear', until: 1_700_000_061_000 }])
    expect(told).toBe(1)
  })

  test('hear of a verdict that has lasted while another plane’s is in doubt', async () => {
    const { open, run } = kept()
    const logs = open()
    logs.onNetwork(facts('home'))
    logs.note([lie])
    await run(1000)
    logs.note([unknown, { ...drop, plane: 'chat' }])
    await run(6000)
    expect(logs.history().lines).toMatchObject([{ plane: 'chat', end: 'open' }])
  })

  test('are bounded: 64 lines of a network, 16 networks, 90 days', async () => {
    const { open, run, text } = kept()
    const logs = open()
    for (let n = 0; n < 20; n++) {
      logs.onNetwork(facts(`network-${n}`))
      logs.note([lie])
      await run(6000)
    }
    expect(JSON.parse(text()).networks).toHaveLength(16)
    for (let n = 0; n < 70; n++) {
      logs.note([fine])
      await run(40_000)
      logs.note([n % 2 === 0 ? drop : lie])
      await run(40_000)
    }
    expect(logs.history().lines).toHaveLength(64)
    logs.note([fine])
    await run(91 * 24 * 3_600_000)
    logs.note([fine])
    expect(logs.history().lines).toEqual([])
  })

  test('are forgotten with the network, from the store too, and begin anew with what still holds', async () => {
    const { open, run, text } = kept()
    const logs = open()
    logs.onNetwork(facts('home'))
    logs.note([lie])
    await run(60_000)
    logs.forget('here')
    expect(logs.history().lines).toEqual([])
    expect(text()).not.toContain('dns_lie')
    await run(6000)
    expect(logs.history().lines).toMatchObject([{ from: 1_700_000_060_000, end: 'open' }])
    logs.forget('all')
    expect(text()).toBe('')
  })
})
