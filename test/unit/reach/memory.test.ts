/** What is remembered about networks: how long, in which order, and that no network can be told from it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createNetworkMemory } from '../../../electron/core/reach/memory.ts'
import { openStore } from '../../../electron/core/store/store.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { memoryValues } from './world.ts'

const DAY = 24 * 3_600_000
const KEY = 'reach.memory.v2'
const random = () => seededRandom(3)

function fresh(values = memoryValues(), clock = new VirtualClock(1e12)) {
  return { clock, values, memory: createNetworkMemory(values, clock, random()) }
}

describe('winner and runner-up', () => {
  it('are kept per network and plane, across restarts, for seven days', () => {
    const { memory: before, values, clock } = fresh()
    for (const way of ['one', 'two', 'three']) before.worked('home', 'chat', way, 300)
    before.worked('cafe', 'chat', 'four', 300)
    before.worked('home', 'media', 'five', 300)
    const { memory } = fresh(values, clock)
    expect(memory.recall('home', 'chat')).toEqual(['three', 'two'])
    expect(memory.recall('home', 'media')).toEqual(['five'])
    expect(memory.recall('cafe', 'chat')).toEqual(['four'])
    expect(memory.recall('cafe', 'media')).toEqual([])
    clock.advance(7 * DAY)
    expect(memory.recall('home', 'chat')).toEqual([])
    expect(memory.about('home')).toEqual([])
  })

  it('the runner-up is the one that worked most, where that was lately', () => {
    const { memory, clock } = fresh()
    const work = (...ways: string[]) => {
      for (const way of ways) memory.worked('home', 'chat', way, 300)
      return memory.recall('home', 'chat')
    }
    expect(work('often', 'often', 'often', 'once', 'now')).toEqual(['now', 'often'])
    // Three times, but two days ago, is less than once now.
    clock.advance(2 * DAY)
    expect(work('now', 'latest')).toEqual(['latest', 'now'])
  })

  it('what connecting takes is a moving average', () => {
    const { memory } = fresh()
    for (const ms of [400, 300, 300, 300]) memory.worked('home', 'chat', 'one', ms)
    const [one] = memory.about('home')
    expect(one).toMatchObject({ recipe: 'one', plane: 'chat', failures: 0 })
    expect(one?.ms).toBeGreaterThan(300)
    expect(one?.ms).toBeLessThan(350)
  })
})

describe('a way that fails', () => {
  it('goes behind, and is first again when it works', () => {
    const { memory } = fresh()
    memory.worked('home', 'chat', 'one', 300)
    memory.worked('home', 'chat', 'two', 300)
    memory.failed('home', 'chat', 'two', 'reset')
    expect(memory.recall('home', 'chat')).toEqual(['one', 'two'])
    expect(memory.about('home').map(({ failures }) => failures)).toEqual([0, 1])
    memory.worked('home', 'chat', 'two', 300)
    expect(memory.recall('home', 'chat')).toEqual(['two', 'one'])
  })

  it('is forgotten after it failed twice, ten minutes apart, also across a restart', () => {
    const { memory, clock, values } = fresh()
    memory.worked('home', 'chat', 'one', 300)
    memory.failed('home', 'chat', 'one', 'timeout')
    clock.advance(599_999)
    memory.failed('home', 'chat', 'one', 'timeout')
    expect(fresh(values, clock).memory.recall('home', 'chat')).toEqual(['one'])
    clock.advance(1)
    memory.failed('home', 'chat', 'one', 'timeout')
    expect(memory.recall('home', 'chat')).toEqual([])
    expect(fresh(values, clock).memory.recall('home', 'chat')).toEqual([])
  })

  it('on one plane says nothing of the same way on another', () => {
    const { memory } = fresh()
    for (const plane of ['chat', 'media'] as const) memory.worked('home', plane, 'one', 300)
    memory.failed('home', 'media', 'one', 'timeout')
    expect(memory.about('home').map(({ plane, failures }) => [plane, failures])).toEqual([
      ['chat', 0],
      ['media', 1],
    ])
  })
})

it('keeps 32 networks, the latest ones', () => {
  const { memory } = fresh()
  for (let i = 0; i < 40; i++) memory.worked(`n${i}`, 'chat', 'one', 300)
  expect([7, 8, 39].map((i) => memory.recall(`n${i}`, 'chat').length)).toEqual([0, 1, 1])
})

describe('what lies in the store', () => {
  const home = JSON.stringify([['wlan0 3232237312/24'], '192.168.7.1', '3c:84:6a:01:02:03', [{ address: '192.168.7.53', port: 53 }]])

  it('has nothing of the network in clear, and no hash that another profile would have', () => {
    const texts = [3, 4].map((seed) => {
      const values = memoryValues()
      const memory = createNetworkMemory(values, new VirtualClock(1e12), seededRandom(seed))
      memory.worked(home, 'chat', 'one', 300)
      memory.failed(home, 'chat', 'two', 'reset')
      memory.reached(home, 80)
      memory.worked(home, 'media', 'one', 300)
      return values.get(KEY) ?? ''
    })
    for (const text of texts) for (const part of ['wlan', '3232237312', '192.168', '3c:84', 'home']) expect(text).not.toContain(part)
    const keys = texts.map((text) => /"key":"([^"]+)"/.exec(text)?.[1])
    expect(keys[0]).toBeDefined()
    expect(keys[0]).not.toBe(keys[1])
  })

  it('survives a restart in the real store, whose files show nothing of it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-memory-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const open = () => openStore({ path: join(folder, 'store.db'), key: new Uint8Array(32).fill(7) })
    const recipe = 'socks5 240.32.0.1:1080 | tcp 240.16.0.10:443 | tls sni=chat.throughline.test | ws'
    const before = open()
    fresh(before.values).memory.worked(home, 'chat', recipe, 300)
    before.close()
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name)).toString('latin1')
      for (const part of ['192.168', '3c:84', '240.32.0.1', 'chat.throughline', 'reach.memory']) expect(bytes).not.toContain(part)
    }
    const after = open()
    expect(fresh(after.values).memory.recall(home, 'chat')).toEqual([recipe])
    after.close()
  })

  it('is gone when it was asked to forget: one network, or all with the salt', () => {
    const { memory, values, clock } = fresh()
    for (const network of ['home', 'cafe']) memory.worked(network, 'chat', 'one', 300)
    memory.forget('home')
    expect(memory.recall('home', 'chat')).toEqual([])
    expect(fresh(values, clock).memory.recall('cafe', 'chat')).toEqual(['one'])
    const keyOf = () => /"key":"([^"]+)"/.exec(values.get(KEY) ?? '')?.[1]
    const before = keyOf()
    memory.forget(null)
    expect(values.get(KEY)).toBeNull()
    expect(memory.recall('cafe', 'chat')).toEqual([])
    memory.worked('cafe', 'chat', 'one', 300)
    expect(keyOf()).not.toBe(before)
  })

  it.each(['', 'nonsense', '{"salt":"!","networks":[]}', '{"salt":1}'])('begins afresh from a damaged record: %s', (text) => {
    const values = memoryValues()
    values.set(KEY, text)
    const { memory } = fresh(values)
    memory.worked('home', 'chat', 'one', 300)
    expect(memory.recall('home', 'chat')).toEqual(['one'])
  })
})
