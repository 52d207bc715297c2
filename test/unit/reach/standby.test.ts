/** What a second connection is kept for: how long nothing gets through when the way in use is cut, and what it costs otherwise. R is 80 ms. */
import { describe, expect, it } from 'vitest'
import { candidates } from '../../../electron/core/reach/candidates.ts'
import { differs } from '../../../electron/core/reach/standby.ts'
import { at, blocks, type MemoryWorld, memoryWorld, R } from './memory-world.ts'

const SUSPECT_MS = 2 * 350
const receipt = { peer: 'bob', state: 'read', upTo: 1 } as const

async function connected(world: MemoryWorld, choice: 'off' | 'auto' | 'always' = 'always') {
  const { reach } = world.reach({ standby: choice })
  const log: string[] = []
  reach.link.onOnline(() => log.push('online'))
  reach.link.onOffline(() => log.push('offline'))
  await world.until(() => reach.link.online)
  return { reach, log }
}

/** Writes every 50 ms; a write that was lost is asked again as soon as there is another session, as chats do. Answers how long each waited. */
function keepWriting({ clock }: MemoryWorld, { link }: Awaited<ReturnType<typeof connected>>['reach']) {
  const waits: number[] = []
  const lost = new Set<() => void>()
  link.onOnline(() => {
    for (const again of [...lost]) again()
  })
  const write = () => {
    const began = clock.monotonic()
    const ask = () => {
      lost.delete(ask)
      link.request('receipt.set', receipt).then(
        () => waits.push(clock.monotonic() - began),
        () => (link.online ? ask() : lost.add(ask)),
      )
    }
    ask()
    clock.after(50, write)
  }
  write()
  return waits
}

describe('kept always', () => {
  it('is there five seconds after connecting, by another provider, and the relay sees one session', async () => {
    const world = await memoryWorld()
    const { reach, log } = await connected(world)
    await world.lab.run(4_900)
    expect(reach.state().standby).toBeNull()
    await world.lab.run(1_000)
    expect(reach.state()).toMatchObject({ route: { kind: 'plain' }, standby: { kind: 'sibling' } })
    expect(world.relay.waiting).toHaveLength(1)
    expect(world.relay.logins).toHaveLength(1)
    expect(log).toEqual(['online'])
  })

  it('the way in use is reset: the gap is 0, and what was under way waits for one round trip more', async () => {
    const world = await memoryWorld()
    const { reach, log } = await connected(world)
    await world.lab.run(6_000)
    const waits = keepWriting(world, reach)
    await world.lab.run(1_000)
    waits.length = 0
    const own = { ...blocks.drop(at.plain, at.second), act: { do: 'reset' as const } }
    world.impose(own)
    await world.lab.run(1_000)
    expect(reach.state()).toMatchObject({ route: { kind: 'sibling' }, lastSwitch: { kind: 'sibling', gapMs: 0 } })
    // Never without a session.
    expect(log).toEqual(['online', 'online'])
    expect(waits.length).toBeGreaterThanOrEqual(16)
    expect(Math.max(...waits)).toBeLessThanOrEqual(2 * R + 50)
  })

  it('the way in use falls silent: taken over the moment that is suspected, and no write waits longer than that and a round trip', async () => {
    const world = await memoryWorld()
    const { reach, log } = await connected(world)
    await world.lab.run(6_000)
    const waits = keepWriting(world, reach)
    await world.lab.run(1_000)
    waits.length = 0
    world.impose(blocks.drop(at.plain, at.second))
    await world.lab.run(3_000)
    expect(reach.state()).toMatchObject({ route: { kind: 'sibling' }, lastSwitch: { gapMs: SUSPECT_MS } })
    expect(log).toEqual(['online', 'online'])
    expect(Math.max(...waits)).toBeLessThanOrEqual(SUSPECT_MS + 2 * R)
    // And the next one is found, beside the way that carries now.
    await world.lab.run(8_000)
    expect(reach.state().standby?.kind).toBe('proxy')
  })

  it('one that dies is replaced, without a word to whoever uses the session', async () => {
    const world = await memoryWorld()
    const { reach, log } = await connected(world)
    await world.lab.run(6_000)
    world.impose(blocks.drop(at.sibling))
    await world.lab.run(90_000)
    expect(reach.state().standby?.kind).toBe('proxy')
    expect(log).toEqual(['online'])
    expect(reach.state()).toMatchObject({ route: { kind: 'plain' }, lastSwitch: null })
  })

  it('where there is no other way, it is looked for ever more rarely', async () => {
    const world = await memoryWorld([blocks.drop(at.sibling, ...at.bridges)])
    const { reach } = await connected(world)
    const ways = reach.state().routes.filter(({ kind }) => kind === 'sibling' || kind === 'proxy')
    expect(ways.length).toBeGreaterThan(2)
    await world.lab.run(60_000)
    expect(reach.state()).toMatchObject({ route: { kind: 'plain' }, status: 'connected' })
  })

  it('all is let go when it is chosen off, and when the end has come', async () => {
    const world = await memoryWorld()
    const { reach } = await connected(world)
    await world.lab.run(6_000)
    reach.chooseStandby('off')
    expect(reach.state().standby).toBeNull()
    await world.lab.run(60_000)
    expect(world.relay.waiting).toHaveLength(1)
    reach.close()
    await world.lab.run(60_000)
    expect(world.clock.monotonic()).toBeGreaterThan(0)
  })
})

describe('kept where it is needed', () => {
  it('not on a network where nothing was ever cut', async () => {
    const world = await memoryWorld()
    const { reach } = await connected(world, 'auto')
    await world.lab.run(120_000)
    expect(reach.state().standby).toBeNull()
    expect(world.relay.waiting).toEqual([])
  })

  it('from the first cut on, so that the second leaves no gap', async () => {
    const world = await memoryWorld()
    const { reach } = await connected(world, 'auto')
    keepWriting(world, reach)
    await world.lab.run(1_000)
    world.impose({ ...blocks.drop(at.plain, at.second), act: { do: 'reset' } })
    await world.lab.run(12_000)
    expect(reach.state().standby).not.toBeNull()
    world.impose({ ...blocks.drop(at.sibling), act: { do: 'reset' } })
    await world.lab.run(500)
    expect(reach.state().lastSwitch?.gapMs).toBe(0)
  })
})

describe('another cause', () => {
  it('is another entrance with another provider and name, or a tunnel', async () => {
    const { lab } = await memoryWorld()
    const endpoints = lab.offer.endpoints.filter(({ plane }) => plane === 'chat')
    const all = candidates({
      ...{ endpoints, proxies: lab.offer.proxies, carrier: 'ws', v6: false, learned: [], remembered: [], doubted: new Set(), round: 0 },
    })
    const [plain] = all
    if (!plain) throw new Error('no plain way')
    const kinds = new Set(all.filter((other) => differs(other, plain)).map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(['disguise', 'proxy', 'sibling'])
    for (const one of all) {
      expect(differs(one, one)).toBe(false)
      for (const other of all) {
        expect(differs(one, other)).toBe(differs(other, one))
        if (one.recipe.address === other.recipe.address && !one.proxy && !other.proxy) expect(differs(one, other)).toBe(false)
        if (!one.proxy && !other.proxy && one.recipe.sni === other.recipe.sni) expect(differs(one, other)).toBe(false)
      }
    }
  })
})
