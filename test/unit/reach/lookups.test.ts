/** Lookups beside a race: nobody waits for them, what they say must prove itself, and what proved itself is kept for a week. */
import { describe, expect, it } from 'vitest'
import { createProvenAddresses } from '../../../electron/core/reach/proven-addresses.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { at, type Block, blocks, type MemoryWorld, memoryWorld } from './memory-world.ts'
import { memoryValues } from './world.ts'

const FRESH = '240.104.77.8'
const everyOldWay = blocks.drop(at.plain, at.second, at.sibling, ...at.bridges)
/** The resolver of this network, and all public ones. */
const noLookups = blocks.drop('240.31.1.53', '240.9.9.9', '240.9.9.10', '240.31.200.53')
const noPublicOnes = blocks.drop('240.9.9.9', '240.9.9.10', '240.31.200.53')
const lie: Block = { match: { names: ['throughline.test'], providers: ['nl-a'] }, act: { do: 'lie', addresses: ['240.33.200.20'] } }

async function connectMs(world: MemoryWorld, limitMs = 15_000) {
  const { reach, seen } = world.reach()
  const began = world.clock.monotonic()
  await world.until(() => reach.state().status === 'connected', limitMs)
  const ms = world.clock.monotonic() - began
  const recipe = reach.state().route?.recipe ?? ''
  return { ms, recipe, reach, seen }
}

/** The service has moved, and only its name tells where to. */
async function moved(world: MemoryWorld) {
  const machine = { id: 'moved', title: 'moved', what: '', provider: 'cloud-b', addresses: [FRESH], names: [], up: true }
  await world.lab.add('moved', { hosts: [{ ...machine, kind: 'relay' }], links: [], places: [], providers: [] })
  world.lab.names.set('chat.throughline.test', [FRESH])
}

describe('a lookup', () => {
  it('is waited for by nobody: where every resolver is silent, connecting takes as long as where all answer', async () => {
    const { ms } = await connectMs(await memoryWorld())
    expect((await connectMs(await memoryWorld([noLookups]))).ms).toBe(ms)
  })
  it('finds where the service moved to, by this network’s resolver alone', async () => {
    const world = await memoryWorld([everyOldWay, noPublicOnes])
    await moved(world)
    const { ms, recipe } = await connectMs(world)
    expect(recipe).toContain(`tcp ${FRESH}:443`)
    expect(ms).toBeLessThan(1_200)
  })
  it('finds it over TLS when the resolver here lies and those over HTTPS are cut off', async () => {
    const world = await memoryWorld([everyOldWay, lie, blocks.drop('240.9.9.9', '240.31.200.53')])
    await moved(world)
    const { recipe, seen } = await connectMs(world)
    expect(recipe).toContain(`tcp ${FRESH}:443`)
    const over = seen.flatMap((each) => (each.t === 'dns' && each.outcome.kind === 'answer' ? [each.resolverId] : []))
    expect(over).toContain('dot-open')
  })
  it('that once led to the relay is as good as known for a week: lies told later cost nothing', async () => {
    const world = await memoryWorld([everyOldWay, noPublicOnes])
    await moved(world)
    const first = await connectMs(world)
    first.reach.close()
    world.impose(lie)
    const { recipe } = await connectMs(world)
    expect(recipe).toContain(`tcp ${FRESH}:443`)
  })
})

describe('addresses that proved themselves', () => {
  const here = () => {
    const [values, clock] = [memoryValues(), new VirtualClock(1_000_000_000_000)]
    return { values, clock, open: () => createProvenAddresses(values, clock, seededRandom(1)) }
  }
  it('are kept for a week, by network and name, over a restart, the newest first', () => {
    const { clock, open } = here()
    open().proved('home', 'chat.test', '240.16.0.10')
    clock.advance(4 * 86_400_000)
    open().proved('home', 'chat.test', '240.16.0.11')
    expect(open().of('home', 'chat.test')).toEqual(['240.16.0.11', '240.16.0.10'])
    expect([open().of('work', 'chat.test'), open().of('home', 'other.test')]).toEqual([[], []])
    clock.advance(4 * 86_400_000)
    expect(open().of('home', 'chat.test')).toEqual(['240.16.0.11'])
  })
  it('name no network in clear, and go when the person says so', () => {
    const { values, open } = here()
    const proven = open()
    proven.proved('home network', 'chat.test', '240.16.0.10')
    proven.proved('work', 'chat.test', '240.16.0.11')
    expect(values.get('reach.proven.v1')).not.toContain('home')
    proven.forget('home network')
    expect([proven.of('home network', 'chat.test'), proven.of('work', 'chat.test')]).toEqual([[], ['240.16.0.11']])
    proven.forget(null)
    expect(values.get('reach.proven.v1')).toBeNull()
  })
})
