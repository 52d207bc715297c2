import { describe, expect, it } from 'vitest'
import { createNetworkMemory } from '../../../electron/core/reach/memory.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { memoryValues } from './world.ts'

const random = () => seededRandom(3)

describe('network memory', () => {
  it('keeps winner and runner-up per network and plane, across restarts, for seven days', () => {
    const clock = new VirtualClock()
    const values = memoryValues()
    const before = createNetworkMemory(values, clock, random())
    before.worked('home', 'chat', 'one')
    before.worked('home', 'chat', 'two')
    before.worked('home', 'chat', 'three')
    before.worked('cafe', 'chat', 'four')
    const memory = createNetworkMemory(values, clock, random())
    expect(memory.recall('home', 'chat')).toEqual(['three', 'two'])
    expect(memory.recall('home', 'media')).toEqual([])
    expect(memory.recall('cafe', 'chat')).toEqual(['four'])
    clock.advance(7 * 24 * 3_600_000)
    expect(memory.recall('home', 'chat')).toEqual([])
  })
  it('writes no network down in clear', () => {
    const values = memoryValues()
    createNetworkMemory(values, new VirtualClock(), random()).worked('home-of-alice', 'chat', 'one')
    expect(values.get('reach.memory.v1')).not.toContain('alice')
  })
  it('keeps 32 networks, the latest ones', () => {
    const memory = createNetworkMemory(memoryValues(), new VirtualClock(), random())
    for (let i = 0; i < 40; i++) memory.worked(`n${i}`, 'chat', 'one')
    expect([7, 8, 39].map((i) => memory.recall(`n${i}`, 'chat').length)).toEqual([0, 1, 1])
  })
  it('forgets a way only after it failed twice, ten minutes apart', () => {
    const clock = new VirtualClock()
    const memory = createNetworkMemory(memoryValues(), clock, random())
    memory.worked('home', 'chat', 'one')
    memory.failed('home', 'chat', 'one', 'timeout')
    memory.failed('home', 'chat', 'one', 'timeout')
    expect(memory.recall('home', 'chat')).toEqual(['one'])
    clock.advance(600_000)
    memory.failed('home', 'chat', 'one', 'timeout')
    expect(memory.recall('home', 'chat')).toEqual([])
  })
  it.each(['', 'nonsense', '{"salt":"!","networks":[]}', '{"salt":1}'])('starts afresh from a damaged record: %s', (text) => {
    const values = memoryValues()
    values.set('reach.memory.v1', text)
    const memory = createNetworkMemory(values, new VirtualClock(), random())
    memory.worked('home', 'chat', 'one')
    expect(memory.recall('home', 'chat')).toEqual(['one'])
  })
})
