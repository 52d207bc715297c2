/** Real TLS and logins, given up at any moment or won: no connection stays open but the one in use, and no timer when the app closes. */
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Network } from '../../../electron/core/net/network.ts'
import { countedClock } from '../../support/counted-clock.ts'
import { at, type Block, blocks, memoryWorld } from './memory-world.ts'

const DEEP = Number(process.env.THROUGHLINE_RUNS ?? 1)

/** The same network, counting connections: those asked for and those that are open. */
function counted(network: Network): { readonly network: Network; open(): number } {
  let asked = 0
  const streams = new Set<Duplex>()
  return {
    open: () => asked + streams.size,
    network: {
      ...network,
      async connect(to, signal) {
        asked++
        try {
          const stream = await network.connect(to, signal)
          streams.add(stream)
          stream.once('close', () => streams.delete(stream))
          return stream
        } finally {
          asked--
        }
      },
    },
  }
}

const block: fc.Arbitrary<readonly Block[]> = fc.constantFrom(
  [],
  [blocks.drop(at.plain, at.second)],
  [blocks.names('reset', 'throughline.test', 'harbour.test')],
  [blocks.names('drop', 'throughline.test')],
  [{ match: { places: ['nl-a'] }, act: { do: 'intercept', ca: 'trusted' } } satisfies Block],
  [{ match: { places: ['nl-a'] }, act: { do: 'freeze', afterBytes: 4_000 } } satisfies Block],
)

it('leaves nothing behind', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(block, fc.integer({ min: 0, max: 4_000 }), async (rules, closeAtMs) => {
      const world = await memoryWorld(rules)
      const { network, open } = counted(world.network)
      const { clock, pending } = countedClock(world.clock)
      const { reach } = world.reach({ network, clock })
      await world.lab.run(closeAtMs)
      const isWon = reach.link.online && reach.state().attempts.every(({ outcome }) => outcome !== 'running')
      // Lookups over HTTPS run beside a race and may outlive it.
      if (isWon && closeAtMs > 3_000) expect(open()).toBe(1)
      reach.close()
      await world.lab.run(1)
      expect({ open: open(), pending: pending() }).toEqual({ open: 0, pending: 0 })
    }),
    { numRuns: 8 * DEEP },
  )
})
