import { afterEach, describe, expect, it } from 'vitest'
import { memoryValues, plain, second, siblingAt, socksAt, tunnelAt, type WorldHere, worldHere } from './world.ts'

let world: WorldHere
afterEach(() => world.end())

describe('getting through', () => {
  it('connects by the plain way, proven, and answers requests', async () => {
    world = await worldHere()
    const { reach, until, seen } = world.reach()
    const missed: unknown[] = []
    reach.link.onOnline((online) => missed.push(online))
    reach.start()
    const state = await until(({ status }) => status === 'connected')
    expect(state.route).toMatchObject({ kind: 'plain', recipe: 'tcp 240.16.0.10:443 | tls sni=chat.test | ws' })
    expect(missed).toMatchObject([{ items: [], more: false }])
    await expect(reach.link.request('echo', { n: 5 })).resolves.toMatchObject({ ok: true, n: 5 })
    expect(seen.map((one) => [one.t, one.t === 'local' ? '' : one.outcome.kind])).toEqual([
      ['tcp', 'connected'],
      ['tls', 'established'],
      ['hello', 'proven'],
    ])
  })

  it.each([
    ['the address is silent', () => world.block.set(plain, 'silence'), 'address'],
    ['the address refuses', () => world.block.set(plain, 'ECONNREFUSED'), 'address'],
    [
      'the name is reset on all its addresses',
      () => [plain, second].map((at) => world.block.set(at, { ...port(), onFirst: 'reset' as const })),
      'sibling',
    ],
    [
      'the name is met with silence',
      () => [plain, second].map((at) => world.block.set(at, { ...port(), onFirst: 'silence' as const })),
      'sibling',
    ],
    ['only the socks proxy is left', () => [plain, second, siblingAt, tunnelAt].map((at) => world.block.set(at, 'silence')), 'proxy'],
    ['only the tunnel is left', () => [plain, second, siblingAt, socksAt].map((at) => world.block.set(at, 'EHOSTUNREACH')), 'proxy'],
  ])('gets through when %s', async (_what, block, kind) => {
    world = await worldHere()
    block()
    const { reach, until } = world.reach()
    reach.start()
    const state = await until(({ status }) => status === 'connected')
    expect(state.route?.kind).toBe(kind)
    expect(state.route?.connectMs).toBeLessThan(2_500)
    // Nothing of those who lost stays open.
    await expect.poll(() => world.gateway.openFlows()).toBe(1)
    reach.close()
    await expect.poll(() => world.gateway.openFlows()).toBe(0)
  })
  const port = () => {
    const behind = world.relayBehind()
    if (typeof behind === 'string') throw new Error('no relay')
    return behind
  }
})
void memoryValues
