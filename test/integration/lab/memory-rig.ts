/** A lab in memory under a virtual clock, with the built-in scenarios, closed behind the test. */
import { onTestFinished } from 'vitest'
import { labNetwork } from '../../../electron/core/net/lab-network.ts'
import type { Network } from '../../../electron/core/net/network.ts'
import { createMemoryLab, type MemoryLab } from '../../../lab/memory.ts'
import { ADAPTIVE, adaptiveNames, adaptiveWorld } from '../../../lab/player/adaptive-world.ts'
import { loadScenarios } from '../../../lab/player/library.ts'
import { createPlayer } from '../../../lab/player/player.ts'
import type { Player } from '../../../lab/player/player-api.ts'
import { openAuthority } from '../../../lab/services/authority.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

export interface MemoryRig {
  readonly lab: MemoryLab
  readonly clock: VirtualClock
  readonly player: Player
  network(client: string, vantage: string | null): Promise<Network>
}

/** `only`: with one scenario of the library and what it brings, which is there sooner. */
export async function memoryRig(seed = 1, only?: string): Promise<MemoryRig> {
  const clock = new VirtualClock(Date.now())
  const scenarios = (await loadScenarios(null)).filter(({ card }) => only === undefined || card.id === only)
  const authority = await openAuthority(null, 'Lab authority', Date.now)
  const lab = await createMemoryLab({
    world: builtInWorld(),
    clock,
    random: seededRandom(seed),
    authority,
    foreignAuthority: await openAuthority(null, 'Some box on the way', Date.now),
    moreNames: adaptiveNames,
  })
  for (const { card, world } of scenarios) await lab.add(card.id, world)
  await lab.add(ADAPTIVE, adaptiveWorld.world)
  const player = createPlayer(lab, scenarios, clock)
  onTestFinished(() => {
    player.close()
    lab.close()
  })
  return {
    lab,
    clock,
    player,
    async network(client, vantage) {
      const network = labNetwork({ connect: async () => lab.uplink(), client, vantage, clock })
      onTestFinished(() => network.close())
      await lab.settle()
      return network
    },
  }
}
